import { AuthApiError, AuthSdkError, OAuthError } from '@okta/okta-auth-js';
import { expect, test } from 'vitest';
import { callbackNotice, renewalNotice, signInNotice } from './notices';

const ISSUER = 'http://localhost:9000/oauth2/default';
const UNREACHABLE = new AuthApiError({ errorSummary: 'Failed to fetch' });

test('a sign-in that Okta cannot answer names the issuer', () => {
  const notice = signInNotice(UNREACHABLE, ISSUER);
  expect(notice.title).toBe('Okta cannot be reached');
  expect(notice.text).toContain(ISSUER);
});

test('a renewal can be tried again only with a refresh token', () => {
  expect(renewalNotice(true, ISSUER)).toMatchObject({ retry: true });
  expect(renewalNotice(false, ISSUER).title).toBe('Your session has ended');
  expect(renewalNotice(false, ISSUER).retry).toBeUndefined();
});

test.each([
  [
    new OAuthError('access_denied', 'You are not assigned.'),
    'You have no access',
    'You are not assigned.',
  ],
  [
    new OAuthError('invalid_scope', 'Unknown scope.'),
    'a scope that is not defined',
    'Unknown scope.',
  ],
  [new OAuthError('server_error', 'Broken.'), 'Okta refused the sign-in', 'Broken.'],
  [UNREACHABLE, 'Okta cannot be reached', ISSUER],
  [new AuthSdkError('Could not load PKCE codeVerifier'), 'cannot be completed', 'Start again.'],
])('the callback tells %s', (error, title, text) => {
  const notice = callbackNotice(error, ISSUER);
  expect(notice.title).toContain(title);
  expect(notice.text).toContain(text);
});
