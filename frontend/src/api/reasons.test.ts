import { expect, test } from 'vitest';
import { CONFIG } from '../testing/app';
import { adviceOn, labelOf, stillRefused } from './advice';
import type { Received } from './outcome';
import { parseChallenge, parseRefusal } from './refusal';
import { REASONS } from './reasons';

function refusal(code: string, status = 401, challenge = ''): Received {
  const body = JSON.stringify({ error: 'Fixed text', code });
  return {
    kind: 'received',
    status,
    statusText: '',
    headers: [],
    body,
    ...parseRefusal(body),
    challenge: parseChallenge(challenge),
    retryAfter: null,
    requestId: null,
  };
}

const SCOPE = 'Bearer realm="api", error="insufficient_scope", scope="reports:read"';
const STEP_UP =
  'Bearer error="insufficient_user_authentication", acr_values="urn:okta:loa:2fa:any", max_age="300"';

// The code, the check that failed, and the button; none where no click can help.
type Case = [
  code: string,
  check: string | null,
  button: string | null,
  status?: number,
  challenge?: string,
];
const CASES: Case[] = [
  ['no_credentials', null, 'Sign in again'],
  ['unsupported_scheme', null, null],
  ['malformed_header', null, null, 400],
  ['too_large', null, null],
  ['malformed', 'form', 'Sign in again'],
  ['algorithm', 'alg', 'Sign in again'],
  ['key_id', 'kid', 'Sign in again'],
  ['critical', 'crit', 'Sign in again'],
  ['type', 'typ', 'Sign in again'],
  ['issuer', 'iss', null],
  ['audience', 'aud', null],
  ['client', 'client', null],
  ['subject', 'sub', 'Sign in again'],
  ['bound', 'cnf', null],
  ['expiry', 'exp', 'Sign in again'],
  ['expired', 'exp', 'Sign in again'],
  ['not_yet_valid', 'iat', 'Try again'],
  ['unknown_key', 'key', 'Sign in again'],
  ['signature', 'signature', 'Sign in again'],
  ['claims', 'signature', 'Sign in again'],
  ['inactive', 'active', 'Sign in again'],
  ['user_revoked', 'revoked', 'Sign in again'],
  ['insufficient_scope', 'scope', 'Request reports:read and retry', 403, SCOPE],
  ['forbidden', 'group', 'Continue as someone else', 403],
  ['sign_in_too_weak', 'acr', 'Confirm it is you and retry', 401, STEP_UP],
  ['sign_in_too_old', 'auth_time', 'Confirm it is you and retry', 401, STEP_UP],
  ['keys_unavailable', 'key', 'Try again', 503],
  ['introspection_not_configured', 'active', null, 503],
  ['introspection_unreachable', 'active', 'Try again', 503],
  ['introspection_malformed', 'active', 'Try again', 503],
  ['introspection_failed', 'active', 'Try again', 503],
  ['introspection_rate_limited', 'active', 'Try again', 503],
  ['introspection_rejected', 'active', null, 503],
  ['token_exchange_unreachable', null, 'Try again', 503],
  ['token_exchange_malformed', null, 'Try again', 503],
  ['token_exchange_failed', null, 'Try again', 503],
  ['token_exchange_rate_limited', null, 'Try again', 503],
  ['token_exchange_rejected', null, null, 503],
  ['not_started', null, null, 503],
  ['replay_store_full', 'cnf', 'Try again', 503],
  ['replay_store_unavailable', 'cnf', 'Try again', 503],
  ['database_unavailable', null, 'Try again', 503],
  ['not_bound', 'cnf', 'Sign in again'],
  ['other_key', 'cnf', 'Sign in again'],
  ['dpop_required', 'cnf', null],
  ['use_dpop_nonce', 'cnf', 'Try again'],
  ['proof_missing', 'cnf', 'Try again'],
  ['proof_repeated', 'cnf', null, 400],
  ['proof_too_large', 'cnf', null],
  ['proof_malformed', 'cnf', null],
  ['proof_type', 'cnf', null],
  ['proof_algorithm', 'cnf', null],
  ['proof_critical', 'cnf', null],
  ['proof_key', 'cnf', null],
  ['proof_signature', 'cnf', null],
  ['proof_method', 'cnf', 'Try again'],
  ['proof_url', 'cnf', null],
  ['proof_token', 'cnf', 'Try again'],
  ['proof_time', 'cnf', null],
  ['proof_expired', 'cnf', null],
  ['proof_not_yet_valid', 'cnf', null],
  ['proof_id', 'cnf', null],
  ['proof_replayed', 'cnf', 'Try again'],
  ['user_required', null, 'Sign in again', 403],
  ['not_owner', null, null, 403],
  ['request_running', null, 'Try again', 409],
  ['own_report', null, null, 403],
  ['already_approved', null, null, 409],
];

test('every reason has a case', () => {
  expect(CASES.map(([code]) => code).sort()).toEqual(Object.keys(REASONS).sort());
});

test.each(CASES)('%s', (code, check, button, status, challenge) => {
  const advice = adviceOn(refusal(code, status, challenge), CONFIG);
  expect(advice.title.length).toBeGreaterThan(8);
  expect(advice.text).toMatch(/\.$/);
  expect(advice.check).toBe(check);
  expect(advice.action ? labelOf(advice.action) : null).toBe(button);
  // What a sign-in did not change is not offered again, and keeps its explanation.
  const after = stillRefused(advice);
  if (advice.action?.kind !== 'retry') expect(after.action).toBeUndefined();
  if (button === null || button === 'Sign in again') expect(after.title).toBe(advice.title);
});

test('a code that the app does not know is explained by its status', () => {
  expect(adviceOn(refusal('from_the_future'), CONFIG).title).toBe('The API rejected your token');
});

test('the group that a route requires is named, where it is known', () => {
  const advice = adviceOn(refusal('forbidden', 403), CONFIG, { groups: ['Admins'] });
  expect(advice.title).toBe('This is for the group Admins');
});

test('after a sign-in that requested a scope in vain, the policy is to blame', () => {
  const advice = stillRefused(adviceOn(refusal('insufficient_scope', 403, SCOPE), CONFIG));
  expect(advice.title).toBe('Still refused after signing in');
  expect(advice.text).toContain('The scope reports:read is missing');
});
