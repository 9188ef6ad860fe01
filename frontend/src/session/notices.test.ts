import { AuthApiError, AuthSdkError, OAuthError } from '@okta/okta-auth-js/core';
import { expect, test, vi } from 'vitest';
import { CONFIG } from '../testing/app';
import { nowhere, serve } from '../testing/server';
import { environmentNotice, renewalNotice, signInNotice } from './notices';

const FAILED = new AuthApiError({ errorSummary: 'Failed to fetch' });

function statusError(status: number) {
  return new AuthApiError(
    { errorSummary: 'Unknown error' },
    { status, headers: {}, responseText: '' },
  );
}

test.each([
  [
    'access denied',
    new OAuthError('access_denied', 'Not assigned.'),
    'You have no access',
    'Not assigned.',
  ],
  [
    'an unknown scope',
    new OAuthError('invalid_scope', 'Unknown scope.'),
    'scope that is not defined',
    'Add the scope',
  ],
  [
    'an unknown client',
    new OAuthError('invalid_client', 'No client.'),
    'Wrong client',
    'VITE_OKTA_CLIENT_ID',
  ],
  [
    'a client without the grant',
    new OAuthError('unauthorized_client', 'No grant.'),
    'Wrong client',
    CONFIG.clientId,
  ],
  [
    'a client that must use DPoP',
    new OAuthError('invalid_dpop_proof', 'The DPoP proof JWT header is missing.'),
    'Okta requires DPoP',
    'VITE_DPOP=true',
  ],
  [
    'a token that is not bound to a key',
    new AuthSdkError('DPoP was configured but "token_type" was not DPoP'),
    'not possible with DPoP',
    'Okta or this browser',
  ],
  [
    'a factor that is missing',
    new OAuthError('unmet_authentication_requirements', 'acr'),
    'requirement is not met',
    'second factor',
  ],
  ['any other refusal', new OAuthError('server_error', 'Broken.'), 'Okta refused', 'Broken.'],
  [
    'a token from the future',
    new AuthSdkError('The JWT was issued in the future'),
    'clock is wrong',
    'Set the clock',
  ],
  [
    'a token from the past',
    new AuthSdkError('The JWT expired and is no longer valid'),
    'clock is wrong',
    'five minutes',
  ],
  [
    'another issuer',
    new AuthSdkError('The issuer [a] does not match [b]'),
    'Wrong issuer',
    'VITE_OKTA_ISSUER',
  ],
  [
    'another audience',
    new AuthSdkError('The audience [a] does not match [b]'),
    'Wrong client',
    'VITE_OKTA_CLIENT_ID',
  ],
  [
    'another acr',
    new AuthSdkError('The acr [a] does not match acr_values [b]'),
    'requirement is not met',
    'second factor',
  ],
  [
    'a sign-in of another tab',
    new AuthSdkError('Could not load PKCE codeVerifier'),
    'cannot be completed',
    'Start again.',
  ],
  ['no such authorization server', statusError(404), 'Wrong issuer', 'VITE_OKTA_ISSUER'],
  ['an outage of Okta', statusError(503), 'Okta is not available', '503'],
])('a failed sign-in explains %s', async (_, error, title, text) => {
  const notice = await signInNotice(error, CONFIG);
  expect(notice.title).toContain(title);
  expect(notice.text).toContain(text);
  expect(notice.details).toContain(error.name);
});

test('a network failure with no response is an unreachable Okta', async () => {
  const issuer = 'https://okta.invalid/oauth2/default';
  const notice = await signInNotice(FAILED, { ...CONFIG, issuer });
  expect(notice.title).toBe('Okta cannot be reached');
  expect(notice.text).toContain(issuer);
  expect(notice.text).toContain('VITE_OKTA_ISSUER');
  expect(notice.details).toBe('AuthApiError: Failed to fetch');
});

test('for the local Okta, the remedy is to start it', async () => {
  const issuer = `${await nowhere()}/oauth2/default`;
  expect((await signInNotice(FAILED, { ...CONFIG, issuer })).text).toContain('make run');
});

test('a network failure although there is a response is an origin that Okta does not trust', async () => {
  const issuer = await serve((_, response) => response.end());
  const notice = await signInNotice(FAILED, { ...CONFIG, issuer });
  expect(notice.title).toBe('Okta does not trust this origin');
  expect(notice.text).toContain(`add ${window.location.origin} for CORS`);
});

test('without a network, the notice says so', async () => {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  const issuer = 'https://okta.invalid/oauth2/default';
  expect((await signInNotice(FAILED, { ...CONFIG, issuer })).title).toBe('You are offline');
  const local = await signInNotice(FAILED, { ...CONFIG, issuer: await nowhere() });
  expect(local.title).toBe('Okta cannot be reached');
});

test('a renewal can be retried only with a refresh token', async () => {
  expect(await renewalNotice(statusError(503), true, CONFIG)).toMatchObject({ retry: true });
  const other = new AuthSdkError('Too many token renew requests');
  expect((await renewalNotice(other, true, CONFIG)).text).toContain(CONFIG.issuer);
  const ended = await renewalNotice(new OAuthError('login_required', 'No session.'), false, CONFIG);
  expect(ended.title).toBe('Your session has ended');
  expect(ended.text).toContain('third-party cookies');
  expect(ended.details).toContain('login_required');
  expect(ended.retry).toBeUndefined();
});

test('a secure page with storage has no notice', () => {
  expect(environmentNotice()).toBeNull();
});

test('an insecure page is named', () => {
  vi.stubGlobal('isSecureContext', false);
  expect(environmentNotice()?.title).toBe('This page is not secure');
  vi.stubGlobal('isSecureContext', true);
});

test('blocked storage is named', () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('Access is denied', 'SecurityError');
  });
  expect(environmentNotice()).toMatchObject({
    title: 'Your browser blocks storage for this page',
    details: 'SecurityError: Access is denied',
  });
});
