import type { Outcome } from '../api/outcome';
import { clientOf, scopesOf, list, text, type Decoded } from './jwt';
import type { Requirement } from './requirement';

export type State = 'passed' | 'failed' | 'not-reached';

/** A check of the API: its name, the value it checks, and the rule. */
export interface Check {
  name: string;
  rule: string;
  value: string;
  /** What the API says in `error_description` if the check fails. */
  reason: RegExp;
}

export interface CheckResult extends Check {
  state: State;
}

const PROOF: Check = {
  name: 'proof',
  value: 'DPoP',
  rule: 'for this request and token, new, signed with the key in cnf',
  reason: /^$/,
};

/** List what the API checks of a token, in its order. */
export function tokenChecks(token: Decoded | null): Check[] {
  const { header, claims } = token ?? { header: {}, claims: {} };
  const check = (name: string, value: unknown, rule: string, reason: RegExp): Check => ({
    name,
    rule,
    value: token === null ? '' : text(value),
    reason,
  });
  return [
    check('form', 'three base64url parts', 'a signed JWT, at most 16 KiB', /too large|signed JWT/),
    check('alg', header.alg, 'RS256', /algorithm/),
    check('kid', header.kid, 'names a signing key', /key id/),
    check('crit', header.crit ?? 'none', 'no extensions', /extension/),
    check('typ', header.typ ?? 'none', 'none, JWT or at+jwt', /not an access token/),
    check('iss', claims.iss, 'is OKTA_ISSUER exactly', /issuer/),
    check('aud', claims.aud, 'contains OKTA_AUDIENCE', /audience/),
    check('cid', clientOf(claims), 'is one of OKTA_CLIENT_ID', /client/),
    check('sub', claims.sub, 'is not empty', /subject/),
    check('cnf', claims.cnf ?? 'none', 'not bound to a key, if sent as Bearer', /bound/),
    check('exp', time(claims.exp), 'in the future', /expir/),
    check('nbf, iat', time(claims.nbf ?? claims.iat), 'not in the future', /not valid yet/),
    check('key', header.kid, 'published by the issuer', /signing key/),
    check('signature', 'RS256', 'made with that key', /signature/),
    ...(claims.cnf === undefined ? [] : [PROOF]),
  ];
}

/** List what the API checks for a route, after the token itself. */
export function routeChecks(requirement: Requirement, token: Decoded | null): Check[] {
  const { scope, group, stepUp, active } = requirement;
  const claims = token?.claims ?? {};
  const never = /^$/;
  const checks: Check[] = [];
  const add = (name: string, value: unknown, rule: string, reason: RegExp) =>
    checks.push({ name, value: token === null ? '' : text(value), rule, reason });
  if (scope) add('scp', scopesOf(claims).join(' ') || 'none', `contains ${scope}`, never);
  if (group) add('groups', list(claims, 'groups').join(' ') || 'none', `contains ${group}`, never);
  if (stepUp) {
    add('acr', claims.acr, stepUp.acr, never);
    add('auth_time', time(claims.auth_time), `within ${stepUp.maxAge} seconds`, never);
  }
  if (active) add('active', 'introspection', 'Okta says the token is active', /not active/);
  return checks;
}

/** Derive from the response which checks passed, which one failed, and which were not reached. */
export function results(
  token: Decoded | null,
  requirement: Requirement,
  outcome: Outcome | null,
): CheckResult[] {
  const checks = [...tokenChecks(token), ...routeChecks(requirement, token)];
  const failed = failedIndex(checks, requirement, token, outcome);
  return checks.map((check, index) => {
    const state = index < failed ? 'passed' : index === failed ? 'failed' : 'not-reached';
    return { ...check, state };
  });
}

// All checks before the index passed. Beyond the list: none failed. -1: none was reached.
function failedIndex(
  checks: Check[],
  requirement: Requirement,
  token: Decoded | null,
  outcome: Outcome | null,
): number {
  if (outcome?.kind !== 'received') return -1;
  const { status, challenge } = outcome;
  const called = (name: string) => checks.findIndex((check) => check.name === name);
  if (status === 403) return called(requirement.scope ? 'scp' : 'groups');
  if (challenge.error === 'insufficient_user_authentication')
    return called(token?.claims.acr === requirement.stepUp?.acr ? 'auth_time' : 'acr');
  if (challenge.error === 'invalid_dpop_proof') return called('proof');
  if (status === 401 && challenge.description !== null) {
    const reason = challenge.description;
    return checks.findIndex((check) => check.reason.test(reason));
  }
  return [400, 401, 503].includes(status) ? -1 : checks.length;
}

function time(value: unknown): string {
  return typeof value === 'number' ? new Date(value * 1000).toLocaleString() : text(value);
}
