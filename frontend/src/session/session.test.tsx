import { screen, waitFor } from '@testing-library/react';
import type { RequestListener } from 'node:http';
import { expect, test, vi } from 'vitest';
import { claimsNow, CONFIG, renderApp, storeTokens } from '../testing/app';
import { nowhere, serve } from '../testing/server';
import { Session } from './session';
import { USER_REVOKED } from './notices';
import { readLast, storePending, takePending, TOKEN_STORAGE_KEY } from './storage';

/** The address of the sign-in that was started, which stays stored. */
function takePendingAgain(): string {
  const started = takePending();
  if (started === null) throw new Error('no sign-in was started');
  storePending(started);
  return started.url;
}

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
  storeTokens(claimsNow({ scp: ['openid', 'extra'] }));
  const goTo = vi.fn();
  const session = new Session({ ...CONFIG, issuer: await okta() }, goTo);
  await session.signIn({
    returnTo: '/',
    scopes: ['reports:read'],
    acrValues: 'urn:okta:loa:2fa:any',
    maxAge: 300,
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
  expect(replace).toBe(true);
  const started = takePending();
  expect(started?.asked.repeat).toEqual({ method: 'GET', path: '/reports' });
  expect(started?.url).toBe(address);
  expect(takePending()).toBeNull();
});

test('another person starts without the scopes of the current token', async () => {
  storeTokens(claimsNow({ scp: ['openid', 'extra'] }));
  const goTo = vi.fn();
  const session = new Session({ ...CONFIG, issuer: await okta() }, goTo);
  await session.signIn({ returnTo: '/', loginHint: 'robin@example.com' });
  const [address] = goTo.mock.calls[0] as [string];
  const query = new URL(address).searchParams;
  expect(query.get('login_hint')).toBe('robin@example.com');
  expect(query.get('scope')).not.toContain('extra');
});

test('a later sign-in forgets the request of an abandoned one', async () => {
  const session = new Session({ ...CONFIG, issuer: await okta() }, vi.fn());
  await session.signIn({ returnTo: '/', repeat: { method: 'GET', path: '/reports' } });
  await session.signIn({ returnTo: '/' });
  expect(takePending()?.asked.repeat).toBeUndefined();
});

test('a sign-in that Okta cannot start says why', async () => {
  const { user } = renderApp('/', { issuer: `${await nowhere()}/oauth2/default` });
  await user.click(await screen.findByRole('button', { name: 'Sign in with Okta' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('Okta cannot be reached');
});

test('a page that requires a sign-in redirects, and Back skips it', async () => {
  const { goTo } = renderApp('/profile?from=mail', { issuer: await okta() });
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
  expect(await screen.findByRole('heading', { level: 1 })).toHaveTextContent('Hello, Alex Kim');
});

test('the callback address alone leads to the start page', async () => {
  renderApp('/login/callback');
  expect(await screen.findByRole('button', { name: 'Sign in with Okta' })).toBeVisible();
});

test('signing out removes the tokens first, and says when Okta cannot be reached', async () => {
  storeTokens();
  const { user } = renderApp('/', { issuer: await okta() });
  await user.click(await screen.findByRole('button', { name: 'Account: Alex Kim' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Sign out' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('maybe not of Okta');
  expect(JSON.parse(sessionStorage.getItem(TOKEN_STORAGE_KEY) ?? '{}')).toEqual({});
});

test('a token is renewed when a call needs it, and a renewal that fails says so', async () => {
  storeTokens(claimsNow({ exp: Math.floor(Date.now() / 1000) + 32 }));
  const { session } = renderApp('/', { issuer: await okta() });
  expect(await screen.findByRole('heading', { level: 1 })).toHaveTextContent('Hello, Alex Kim');
  expect(await session.accessToken()).not.toBeNull();
  const later = Date.now() + 10_000;
  vi.spyOn(Date, 'now').mockReturnValue(later);
  expect(screen.queryByRole('alert')).toBeNull();
  expect(await session.accessToken()).toBeNull();
  expect(await screen.findByRole('alert')).toHaveTextContent('Your session has ended');
});

test('a sign-in that was interrupted says so, and can be tried again', async () => {
  const issuer = await okta();
  const started = new Session({ ...CONFIG, issuer }, vi.fn());
  await started.signIn({ returnTo: '/reports', scopes: ['reports:read'] });
  const { user, goTo } = renderApp('/login/callback', { issuer });
  expect(await screen.findByRole('alert')).toHaveTextContent('The sign-in was interrupted');
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  await waitFor(() => {
    expect(goTo).toHaveBeenCalled();
  });
  expect(goTo.mock.calls[0]?.[0]).toContain('reports%3Aread');
});

test('a sign-in that Okta refuses can be tried again with the same request', async () => {
  const issuer = await okta();
  const repeat = { method: 'GET', path: '/payslip' };
  const before = new Session({ ...CONFIG, issuer }, vi.fn());
  await before.signIn({ returnTo: '/console', maxAge: 300, repeat });
  const state = new URL(takePendingAgain()).searchParams.get('state') ?? '';
  renderApp(
    `/login/callback?error=unmet_authentication_requirements&error_description=x&state=${state}`,
    {
      issuer,
    },
  );
  expect(await screen.findByRole('alert')).toHaveTextContent('requirement is not met');
  expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible();
  expect(readLast()).toBeNull();
});

test('the end of a person’s access ends the session in every tab', async () => {
  storeTokens();
  const body = '{"error": "Unauthorized token", "code": "user_revoked"}';
  const apiUrl = await serve((_, response) => response.writeHead(401).end(body));
  const { session } = renderApp('/', { apiUrl });
  await screen.findByRole('heading', { name: 'Hello, Alex Kim' });
  const told = vi.fn();
  const channel = new BroadcastChannel('signed-out');
  channel.onmessage = told;
  await session.send(new Request(`${apiUrl}/me`));
  expect(await screen.findByRole('alert')).toHaveTextContent('An administrator signed you out');
  await waitFor(() => {
    expect(told.mock.calls[0]?.[0]).toMatchObject({ data: USER_REVOKED });
  });
  channel.close();
  expect(JSON.parse(sessionStorage.getItem(TOKEN_STORAGE_KEY) ?? '{}')).toEqual({});
});

test('a sign-out in another tab is something to know, not an error', async () => {
  storeTokens();
  renderApp('/');
  await screen.findByRole('heading', { name: 'Hello, Alex Kim' });
  const channel = new BroadcastChannel('signed-out');
  channel.postMessage(null);
  expect(await screen.findByText('You signed out in another tab.')).toBeVisible();
  expect(screen.queryByRole('alert')).toBeNull();
  channel.close();
});

test('blocked storage is explained before a sign-in', () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('Access is denied', 'SecurityError');
  });
  renderApp('/');
  expect(screen.getByRole('alert')).toHaveTextContent('blocks storage');
});
