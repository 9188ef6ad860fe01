import { readFileSync } from 'node:fs';
import { REASONS } from '../src/api/reasons.ts';
import { expect, test } from './test.ts';

const rows = readFileSync('../docs/reference/refusals.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '));

test('the check that the app names for a code is one that the reference lists', () => {
  const [, ...checks] = rows.slice(rows.indexOf('| check | source of its rule |'));
  const listed = checks.map((row) => /`([a-z_]+)`/.exec(row)?.[1]);
  for (const [code, { check }] of Object.entries(REASONS))
    if (check !== null) expect(listed, code).toContain(check);
});

test('the app explains every code that the reference lists', () => {
  const listed = rows.flatMap((row) =>
    [...row.matchAll(/`([a-z]+(?:_[a-z]+)*)`/g)].map(([, code]) => code),
  );
  const prefixes = ['introspection', 'token_exchange'];
  const codes = new Set(listed.filter((code) => code?.includes('_')));
  const missing = [...codes].filter((code) => code && !(code in REASONS) && !NOT_CODES.has(code));
  expect(missing).toEqual([]);
  for (const prefix of prefixes)
    for (const fault of ['unreachable', 'malformed', 'rate_limited', 'rejected', 'failed'])
      expect(REASONS).toHaveProperty(`${prefix}_${fault}`);
});

// Names of settings, parameters and log fields in the same tables.
const NOT_CODES = new Set([
  'acr_values',
  'auth_time',
  'error_description',
  'invalid_dpop_proof',
  'invalid_request',
  'invalid_token',
  'insufficient_user_authentication',
  // Of the route that Okta calls, not the app.
  'malformed_subject',
  'max_age',
  'preflight_refused',
  'rate_limited',
  'resource_metadata',
  'key_ops',
]);
