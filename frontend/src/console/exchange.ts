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
  /** How the token was sent. */
  scheme: string;
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
  const request = new Request(url, {
    method: call.route.method,
    cache: 'no-store',
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const started = performance.now();
  const outcome = await outcomeOf(session, call.credential, request).catch((error: unknown) =>
    failureOf(error, apiUrl),
  );
  const [scheme = '', token] = request.headers.get('Authorization')?.split(' ') ?? [];
  return {
    ...call,
    url,
    scheme,
    token: token === undefined ? null : decode(token),
    outcome,
    milliseconds: Math.round(performance.now() - started),
  };
}

async function outcomeOf(
  session: Session,
  credential: Credential,
  request: Request,
): Promise<Outcome> {
  const response = await respond(session, credential, request);
  return response === null ? { kind: 'signed-out' } : receive(response);
}

async function respond(
  session: Session,
  credential: Credential,
  request: Request,
): Promise<Response | null> {
  switch (credential) {
    case 'none':
      return fetch(request);
    case 'own':
      return session.send(request);
    case 'replayed': {
      const first = await session.send(request);
      await first?.text();
      return first && fetch(request);
    }
    default: {
      const token = tokenFor(credential, session.getState());
      return token === null ? null : session.send(request, token);
    }
  }
}
