import { act, render } from '@testing-library/react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Outcome, Received } from '../api/outcome';
import { parseChallenge } from '../api/refusal';
import { adasClaims, encode } from '../testing/app';
import { results } from './checks';
import { Expiry } from './Expiry';
import { clientOf, decode, scopesOf } from './jwt';
import { predict, type Requirement } from './requirement';
import { expiryText } from './time';

const NOW = 1_800_000_000;

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  [3600 * 5 + 10, 'expires in 5 hours'],
  [3600, 'expires in 60 minutes'],
  [125, 'expires in 2 minutes'],
  [119, 'expires in 119 seconds'],
  [1, 'expires in 1 second'],
  [0, 'expired 0 seconds ago'],
  [-60, 'expired 60 seconds ago'],
])('%d seconds before the end, the token %s', (left, text) => {
  expect(expiryText(NOW + left, NOW)).toBe(text);
});

test('the time left counts down without being a live region', () => {
  vi.useFakeTimers({ now: NOW * 1000 });
  const claims = adasClaims({ exp: NOW + 10, iat: NOW - 10 });
  const token = { accessToken: '', claims, expiresAt: NOW + 10 } as never;
  const { container } = render(<Expiry token={token} />);
  expect(container).toHaveTextContent('expires in 10 seconds');
  act(() => {
    vi.advanceTimersByTime(12_000);
  });
  expect(container).toHaveTextContent('expired 2 seconds ago');
  expect(container.querySelector('[aria-live], [role=status], [role=timer]')).toBeNull();
});

describe('decoding', () => {
  test('what is not a JWT is not decoded', () => {
    expect(decode('opaque')).toBeNull();
  });

  test.each([
    ['Okta', { scp: ['a', 'b'] }, ['a', 'b']],
    ['RFC 9068', { scope: 'a b' }, ['a', 'b']],
    ['another shape', { scp: 'a b' }, []],
    ['no scopes', {}, []],
  ])('scopes of %s', (_, claims, scopes) => {
    expect(scopesOf(claims)).toEqual(scopes);
  });

  test.each([
    ['cid', { cid: 'a', client_id: 'b' }, 'a'],
    ['client_id', { client_id: 'b', act: { sub: 'c' } }, 'b'],
    ['act.sub', { act: { sub: 'c' } }, 'c'],
    ['nothing', {}, 'missing'],
  ])('the client is read from %s', (_, claims, client) => {
    expect(clientOf(claims)).toBe(client);
  });
});

describe('predictions', () => {
  const stepUp = { acr: '2fa', maxAge: 300 };
  test.each<[Requirement, object, string]>([
    [{}, {}, 'any valid token ✓'],
    [{ scope: 'a' }, { scp: ['a'] }, 'a ✓'],
    [{ scope: 'a' }, { scp: ['b'] }, 'a missing'],
    [{ group: 'Admins' }, { groups: ['Admins'] }, 'Admins ✓'],
    [{ group: 'Admins' }, {}, 'Admins missing'],
    [{ stepUp }, {}, 'second factor missing'],
    [{ stepUp }, { acr: '2fa' }, 'sign-in too old'],
    [{ stepUp }, { acr: '2fa', auth_time: NOW - 301 }, 'sign-in too old'],
    [{ stepUp }, { acr: '2fa', auth_time: NOW - 300 }, 'second factor ✓'],
  ])('%j with %j: %s', (requirement, claims, label) => {
    const prediction = predict(requirement, { ...claims }, NOW);
    expect(prediction).toEqual({ label, met: label.endsWith('✓') });
  });
});

describe('checks', () => {
  const received = (status: number, challenge = ''): Received => ({
    kind: 'received',
    status,
    statusText: '',
    headers: [],
    body: '',
    challenge: parseChallenge(challenge),
    retryAfter: null,
    requestId: null,
  });
  const invalid = (reason: string) =>
    received(401, `Bearer realm="api", error="invalid_token", error_description="${reason}"`);
  const weak = received(
    401,
    'Bearer realm="api", error="insufficient_user_authentication", acr_values="2fa", max_age="300"',
  );
  const stepUp = { acr: '2fa', maxAge: 300 };

  test.each<[string, Requirement, object, Outcome, string | undefined, number]>([
    ['success', {}, {}, received(200), undefined, 14],
    ['a missing scope', { scope: 'a' }, {}, received(403), 'scp', 14],
    ['a missing group', { group: 'a' }, {}, received(403), 'groups', 14],
    ['a weak sign-in', { stepUp }, {}, weak, 'acr', 14],
    ['an old sign-in', { stepUp }, { acr: '2fa' }, weak, 'auth_time', 15],
    ['revocation', { active: true }, {}, invalid('token is not active'), 'active', 14],
    ['a changed signature', {}, {}, invalid('signature is not valid'), 'signature', 13],
    ['an unknown key', {}, {}, invalid('signing key is not known'), 'key', 12],
    ['an ID token', {}, {}, invalid('audience is not accepted'), 'aud', 6],
    ['expiry', {}, {}, invalid('token has expired'), 'exp', 10],
    ['an unknown reason', {}, {}, invalid('claims are not accepted'), undefined, 0],
    ['no credentials', {}, {}, received(401, 'Bearer realm="api"'), undefined, 0],
    ['no signing keys', {}, {}, received(503), undefined, 0],
    ['no response', {}, {}, { kind: 'timeout' }, undefined, 0],
  ])('%s', (_, requirement, more, outcome, failed, passed) => {
    const token = decode(encode(adasClaims(more)));
    const checks = results(token, requirement, outcome);
    expect(checks.filter(({ state }) => state === 'failed').map(({ name }) => name)).toEqual(
      failed === undefined ? [] : [failed],
    );
    expect(checks.filter(({ state }) => state === 'passed')).toHaveLength(passed);
  });

  test('without a token there are no values', () => {
    const checks = results(null, { scope: 'a' }, received(401));
    expect(checks.every(({ value }) => value === '')).toBe(true);
  });
});
