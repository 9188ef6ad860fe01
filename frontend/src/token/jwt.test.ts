import { expect, test } from 'vitest';
import { encode } from '../testing/app';
import { decode, list, scopesOf, text } from './jwt';

test('header and claims are decoded; what is not a JWT is not', () => {
  expect(decode(encode({ sub: 'alex' }))).toEqual({
    header: { kid: 'key', alg: 'RS256' },
    claims: { sub: 'alex' },
  });
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

test('any claim can be shown', () => {
  expect([text('a'), text({ b: 1 }), text(undefined)]).toEqual(['a', '{"b":1}', 'missing']);
  expect(list({ groups: ['a', 1] }, 'groups')).toEqual(['a', '1']);
});
