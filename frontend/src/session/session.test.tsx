import { screen, waitFor } from '@testing-library/react';
import type { RequestListener } from 'node:http';
import { expect, test, vi } from 'vitest';
import { adasClaims, CONFIG, renderApp, storeTokens } from '../testing/app';
import { nowhere, serve } from '../testing/server';
import { Session } from './session';
import { takePendingCall, TOKEN_STORAGE_KEY } from './storage';

/** An Okta that has a discovery document and refuses all else. */
async function okta(): Promise<string> {
  const listener: RequestListener = (request, response) => {
    if (request.url?.endsWith('/openid-configuration'))
      response.end(JSON.stringify({ issuer: origin, code_challenge_methods_supported: ['S256'] }));
    else response.writeHead(503).end();
  };
  const origin = await serve(listener);
  return `${origin}/oauth2/default`;
}

test('a sign-in asks for what is missing in addition to the scopes of the token', async () => {
  storeTokens(adasClaims({ scp: ['openid', 'extra'] }));
  const goTo = vi.fn();
  const session = new Session({ ...CONFIG, issuer: await okta() }, goTo);
  await session.signIn({
    returnTo: '/',
    scopes: ['reports:read'],
    acrValues: 'urn:okta:loa:2fa:any',
    maxAge: 300,
    loginHint: 'ada@example.com',
    repeat: { method: 'GET', path: '/reports' },
    replace: true,
  });
  const [address, replace] = goTo.mock.calls[0] as [string, boolean];
  const query = new URL(address).searchParams;
  expect(query.get('scope')?.split(' ').sort()).toEqual(
    ['email', 'extra', 'offline_access', 'openid', 'profile', 'reports:read'].sort(),
  );
  expect(query.get('acr_values')).toBe('urn:okta:loa:2fa:any');
  expect(query.get('max_age')).toBe('300');
  expect(query.get('login_hint')).toBe('ada@example.com');
  expect(replace).toBe(true);
  expect(takePendingCall()).toEqual({ method: 'GET', path: '/reports' });
  expect(takePendingCall()).toBeNull();
});

test('a later sign-in forgets the request of an abandoned one', async () => {
  const session = new Session({ ...CONFIG, issuer: await okta() }, vi.fn());
  await session.signIn({ returnTo: '/', repeat: { method: 'GET', path: '/reports' } });
  await session.signIn({ returnTo: '/' });
  expect(takePendingCall()).toBeNull();
});

test('a sign-in that Okta cannot start says why', async () => {
  const { user } = renderApp('/', { issuer: `${await nowhere()}/oauth2/default` });
  await user.click(await screen.findByRole('button', { name: 'Sign in with Okta' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('Okta cannot be reached');
});

test('a page that requires a sign-in redirects, and Back skips it', async () => {
  const { goTo } = renderApp('/token?from=mail', { issuer: await okta() });
  await waitFor(() => {
    expect(goTo).toHaveBeenCalled();
  });
  expect(goTo.mock.calls[0]?.[1]).toBe(true);
});

test('a code of a sign-in that was never started is refused', async () => {
  renderApp('/login/callback?code=stolen&state=forged');
  expect(await screen.findByRole('alert')).toHaveTextContent('cannot be completed');
  expect(screen.getByRole('link', { name: 'Back to the start page' })).toHaveAttribute('href', '/');
});

test('Back to a code that was used before leads home, still signed in', async () => {
  storeTokens();
  renderApp('/login/callback?code=used&state=before');
  expect(await screen.findByRole('heading', { level: 1 })).toHaveTextContent('Hello, Ada Lovelace');
});

test('the callback address alone leads to the start page', async () => {
  renderApp('/login/callback');
  expect(await screen.findByRole('button', { name: 'Sign in with Okta' })).toBeVisible();
});

test('signing out removes the tokens first, and says when Okta cannot be reached', async () => {
  storeTokens();
  const { user } = renderApp('/', { issuer: await okta() });
  await user.click(await screen.findByRole('button', { name: 'Sign out', hidden: true }));
  expect(await screen.findByRole('alert')).toHaveTextContent('maybe not of Okta');
  expect(JSON.parse(sessionStorage.getItem(TOKEN_STORAGE_KEY) ?? '{}')).toEqual({});
});

test('a renewal that fails says so', async () => {
  storeTokens(adasClaims({ exp: Math.floor(Date.now() / 1000) + 10 }));
  renderApp('/', { issuer: await okta() });
  expect(await screen.findByRole('alert')).toHaveTextContent('Your session has ended');
});

test('blocked storage is explained before a sign-in', () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('Access is denied', 'SecurityError');
  });
  renderApp('/');
  expect(screen.getByRole('alert')).toHaveTextContent('blocks storage');
});
