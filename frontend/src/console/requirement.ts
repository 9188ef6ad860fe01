import { list, scopesOf, type Decoded } from '../token/jwt';
import type { Credential } from './credentials';
import type { Requirement } from './openapi';
import { duration } from './time';

/** Say in a few words what a route requires. */
export function describe(requirement: Requirement | null): string {
  if (requirement === null) return 'no access token';
  const { scopes, groups, claims, acrValues, maxAge, active, dpop } = requirement;
  const parts = [
    ...scopes.map((scope) => `scope ${scope}`),
    ...groups.map((group) => `group ${group}`),
    ...claims.map((claim) => `claim ${claim}`),
    ...(acrValues.length > 0 ? ['second factor'] : []),
    ...(maxAge === null ? [] : [`signed in within ${duration(maxAge)}`]),
    ...(active ? ['not revoked'] : []),
    ...(dpop ? ['DPoP'] : []),
  ];
  return parts.join(', ') || 'any valid token';
}

/** What is likely to happen: null if the request should be accepted, else what is missing. */
export function predict(
  requirement: Requirement | null,
  claims: Decoded['claims'] | null,
  credential: Credential,
  now: number,
): string | null {
  if (requirement === null) return null;
  if (credential === 'none') return 'no token';
  if (credential !== 'own' && credential !== 'pasted') return 'invalid token';
  if (claims === null) return 'not a JWT';
  const { scopes, groups, acrValues, maxAge } = requirement;
  const scope = scopes.find((name) => !scopesOf(claims).includes(name));
  if (scope !== undefined) return `${scope} missing`;
  const group = groups.find((name) => !list(claims, 'groups').includes(name));
  if (group !== undefined) return `${group} missing`;
  if (acrValues.length > 0 && !acrValues.includes(String(claims.acr)))
    return 'second factor missing';
  return maxAge === null || isRecent(claims, maxAge, now) ? null : 'sign-in too old';
}

/** Whether the sign-in behind these claims is at most `maxAge` seconds old. */
function isRecent(claims: Decoded['claims'], maxAge: number, now: number): boolean {
  return typeof claims.auth_time === 'number' && now - claims.auth_time <= maxAge;
}
