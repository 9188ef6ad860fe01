import { list, scopesOf, type Decoded } from './jwt';

/** What a route requires in addition to a valid token. */
export interface Requirement {
  scope?: string;
  group?: string;
  /** Seconds since the sign-in, and its authentication context class (RFC 9470). */
  stepUp?: { acr: string; maxAge: number };
  /** Whether the API asks Okta if the token was revoked. */
  active?: boolean;
}

/** What the claims say of a requirement: whether it is met, and that in a few words. */
export interface Prediction {
  met: boolean;
  label: string;
}

/** Predict whether a valid token with these claims meets a requirement at `now`, in seconds. */
export function predict(
  requirement: Requirement,
  claims: Decoded['claims'],
  now: number,
): Prediction {
  const { scope, group, stepUp } = requirement;
  if (scope !== undefined) return of(scope, scopesOf(claims).includes(scope));
  if (group !== undefined) return of(group, list(claims, 'groups').includes(group));
  if (stepUp === undefined) return of('any valid token', true);
  if (claims.acr !== stepUp.acr) return of('second factor', false);
  if (!isRecent(claims, stepUp.maxAge, now)) return { met: false, label: 'sign-in too old' };
  return of('second factor', true);
}

/** Whether the sign-in behind these claims is at most `maxAge` seconds old. */
export function isRecent(claims: Decoded['claims'], maxAge: number, now: number): boolean {
  return typeof claims.auth_time === 'number' && now - claims.auth_time <= maxAge;
}

function of(name: string, met: boolean): Prediction {
  return { met, label: met ? `${name} ✓` : `${name} missing` };
}
