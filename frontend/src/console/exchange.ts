import { failureOf, receive, type Outcome } from '../api/outcome';
import type { Check } from '../api/refusal';
import type { Session } from '../session/session';
import { decode, type Decoded } from '../token/jwt';
import { tokenFor, type Credential } from './credentials';
import type { Explainer } from './explainer';
import { boundToken, expiredToken, NotIssued } from './special';

const TIMEOUT_MS = 10_000;

/** A request to send. */
export interface Call {
  method: string;
  path: string;
  body: string | null;
  credential: Credential;
  /** Whether a sign-in that an earlier refusal led to is behind this request. */
  repeated: boolean;
}

/** A request and what came of it; null while it is under way. */
export interface Exchange extends Call {
  id: number;
  at: Date;
  url: string;
  /** How the token was sent. */
  scheme: string;
  token: Decoded | null;
  outcome: Outcome | null;
  /** What the API checked; null where it does not say. */
  checks: Check[] | null;
  milliseconds: number;
  /** Whether the local Okta was down. */
  isOktaDown: boolean;
}

/** What a request is sent with, besides the session. */
export interface Means {
  session: Session;
  /** A token that somebody pasted. */
  pasted: string;
  explainer: Explainer;
  signal: AbortSignal;
}

type Sent = Pick<Exchange, 'scheme' | 'token' | 'outcome' | 'checks' | 'milliseconds'>;

/** Send a request and read the response. Every outcome is returned, an abort is thrown. */
export async function send(call: Call, means: Means): Promise<Sent> {
  const { apiUrl } = means.session.config;
  const request = new Request(apiUrl + call.path, {
    method: call.method,
    cache: 'no-store',
    signal: AbortSignal.any([means.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    ...(call.body !== null && {
      body: call.body,
      headers: { 'Content-Type': 'application/json' },
    }),
  });
  let started = performance.now();
  const outcome = await outcomeOf(
    respond(call.credential, request, means, () => {
      started = performance.now();
    }),
    apiUrl,
  );
  const milliseconds = Math.round(performance.now() - started);
  const [scheme = '', token] = request.headers.get('Authorization')?.split(' ') ?? [];
  return {
    scheme,
    token: token === undefined ? null : decode(token),
    outcome,
    checks: await checksOf(call, outcome, means),
    milliseconds,
  };
}

async function outcomeOf(response: Promise<Response | null>, apiUrl: string): Promise<Outcome> {
  try {
    const received = await response;
    return received === null ? { kind: 'signed-out' } : await receive(received);
  } catch (error) {
    return error instanceof NotIssued ? { kind: 'signed-out' } : failureOf(error, apiUrl);
  }
}

async function respond(
  credential: Credential,
  request: Request,
  { session, pasted }: Means,
  restart: () => void,
): Promise<Response | null> {
  const asBearer = (token: string) => {
    request.headers.set('Authorization', `Bearer ${token}`);
    restart();
    return fetch(request);
  };
  switch (credential) {
    case 'none':
      return fetch(request);
    case 'own':
      return session.send(request);
    case 'pasted':
      return asBearer(pasted);
    case 'expired':
      return asBearer(await expiredToken(session.config));
    case 'unproved':
      return asBearer((await boundToken(session.config)).accessToken.accessToken);
    case 'replayed': {
      const { oktaAuth, accessToken } = await boundToken(session.config);
      const { method, url } = request;
      const proof = await oktaAuth.getDPoPAuthorizationHeaders({ method, url, accessToken });
      request.headers.set('Authorization', proof.Authorization);
      request.headers.set('DPoP', proof.Dpop);
      await (await fetch(request.clone())).text();
      restart();
      return fetch(request);
    }
    default: {
      const token = tokenFor(credential, session.getState());
      return token === null ? null : session.send(request, token);
    }
  }
}

/** A refusal says what was checked; of an accepted request, the API is asked. */
async function checksOf(call: Call, outcome: Outcome, means: Means): Promise<Check[] | null> {
  if (outcome.kind !== 'received') return null;
  if (outcome.checks !== null) return outcome.checks;
  const isAccepted = outcome.status < 400 && ['own', 'pasted'].includes(call.credential);
  return isAccepted
    ? means.explainer(call, (request) => respond(call.credential, request, means, () => undefined))
    : null;
}
