import { whyUnreachable, type Failure } from '../session/probe';
import { parseChallenge, parseRefusal, seconds, type Challenge, type Refusal } from './refusal';

/** The outcome of a request to the API. */
export type Outcome = Received | { kind: Failure | 'timeout' | 'signed-out' };

export interface Received extends Refusal {
  kind: 'received';
  status: number;
  statusText: string;
  /** Those that CORS lets a page read. */
  headers: [name: string, value: string][];
  body: string;
  challenge: Challenge;
  /** In seconds. */
  retryAfter: number | null;
  /** The API logs the request under this ID. */
  requestId: string | null;
}

/** Read a response in full. */
export async function receive(response: Response): Promise<Received> {
  const { status, statusText, headers } = response;
  const body = await response.text();
  return {
    kind: 'received',
    status,
    statusText,
    headers: [...headers],
    body,
    ...parseRefusal(response.ok ? '' : body),
    challenge: parseChallenge(headers.get('WWW-Authenticate')),
    retryAfter: seconds(headers.get('Retry-After')),
    requestId: headers.get('X-Request-ID'),
  };
}

/** Return why there is no response; rethrow any error that is not a network error. */
export async function failureOf(error: unknown, apiUrl: string): Promise<Outcome> {
  if ((error as Error).name === 'TimeoutError') return { kind: 'timeout' };
  if (!(error instanceof TypeError)) throw error;
  return { kind: await whyUnreachable(`${apiUrl}/healthz`) };
}
