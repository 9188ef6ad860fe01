import { isLocal } from '../config';

const TIMEOUT_MS = 5000;

/** Why a request to another origin failed; a browser reports all three alike. */
export type Failure = 'offline' | 'unreachable' | 'blocked';

/**
 * Find out why requests to the server at `url` fail. Without CORS, a page cannot read a response,
 * but it can see that there is one.
 */
export async function whyUnreachable(url: string): Promise<Failure> {
  // Without a network, a server on this device still responds.
  if (!navigator.onLine && !isLocal(url)) return 'offline';
  return (await responds(url)) ? 'blocked' : 'unreachable';
}

async function responds(url: string): Promise<boolean> {
  try {
    await fetch(url, {
      mode: 'no-cors',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return true;
  } catch {
    return false;
  }
}
