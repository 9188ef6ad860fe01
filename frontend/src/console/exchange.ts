import { failureOf, receive, type Outcome } from '../api/outcome';
import type { Session } from '../session/session';
import { decode, type Decoded } from '../token/jwt';
import { tokenFor, type Credential } from './credentials';
import type { ApiRoute } from './routes';

const TIMEOUT_MS = 10_000;

/** A request to send. */
export interface Call {
  route: ApiRoute;
  /** The path with its parameter filled in. */
  path: string;
  credential: Credential;
  /** Whether a sign-in that an earlier refusal led to is behind this request. */
  repeated: boolean;
}

/** A request and what came of it; null while it is under way. */
export interface Exchange extends Call {
  url: string;
  token: Decoded | null;
  outcome: Outcome | null;
  milliseconds: number;
}

/**
 * Send a request and read the response. Every outcome is returned; an AbortError is thrown once
 * `signal` is aborted.
 */
export async function send(session: Session, call: Call, signal: AbortSignal): Promise<Exchange> {
  const { apiUrl } = session.config;
  const url = apiUrl + call.path;
  const token =
    call.credential === 'own'
      ? await session.accessToken()
      : tokenFor(call.credential, session.getState());
  const started = performance.now();
  const outcome: Outcome =
    token === null && call.credential !== 'none'
      ? { kind: 'signed-out' }
      : await receiveFrom(url, call.route.method, token, signal).catch((error: unknown) =>
          failureOf(error, apiUrl),
        );
  return {
    ...call,
    url,
    token: token === null ? null : decode(token),
    outcome,
    milliseconds: Math.round(performance.now() - started),
  };
}

async function receiveFrom(
  url: string,
  method: string,
  token: string | null,
  signal: AbortSignal,
): Promise<Outcome> {
  const response = await fetch(url, {
    method,
    headers: token === null ? {} : { Authorization: `Bearer ${token}` },
    cache: 'no-store',
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  return receive(response);
}
