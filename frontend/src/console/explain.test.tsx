import { screen, within } from '@testing-library/react';
import type { RequestListener } from 'node:http';
import { expect, test, vi } from 'vitest';
import { renderApp, storeTokens } from '../testing/app';
import { expectOutcome, openConsole } from '../testing/console';
import { nowhere, serve } from '../testing/server';

/** The headers of a 401 for an invalid token. */
const invalid = (reason: string) => ({
  'WWW-Authenticate': `Bearer error="invalid_token", error_description="${reason}"`,
});

test.each<[number, object, string, string, string | null]>([
  [
    401,
    invalid('token has expired'),
    'Your token has expired',
    'Reason: token has expired.',
    'Sign in again',
  ],
  [401, invalid('token is not valid yet'), 'The clocks differ', 'from the future', 'Sign in again'],
  [
    401,
    invalid('issuer is not accepted'),
    'The API expects another issuer',
    'VITE_OKTA_ISSUER',
    'Sign in again',
  ],
  [
    401,
    invalid('client is not accepted'),
    'The API expects another client',
    'OKTA_CLIENT_ID of the API',
    'Sign in again',
  ],
  [
    401,
    invalid('audience is not accepted'),
    'The API expects another audience',
    'OKTA_AUDIENCE',
    'Sign in again',
  ],
  [401, invalid('token is not active'), 'Your token was revoked', 'new token', 'Sign in again'],
  [
    401,
    invalid('signature is not valid'),
    'The API rejected your token',
    'Reason: signature is not valid.',
    'Sign in again',
  ],
  [
    401,
    {
      'WWW-Authenticate':
        'DPoP error="invalid_token", error_description="token must be sent with a DPoP proof"',
    },
    'The API requires DPoP',
    'VITE_DPOP=true',
    'Sign in again',
  ],
  [401, {}, 'The API rejected your token', 'Sign in again to get a new token.', 'Sign in again'],
  [
    401,
    { 'WWW-Authenticate': 'Bearer error="insufficient_user_authentication", max_age="300"' },
    'Your sign-in is too old',
    'confirm it is you',
    'Confirm it is you and retry',
  ],
  [403, {}, 'Access denied', 'a group, for example', null],
  [404, {}, 'Not found', 'VITE_API_URL', null],
  [500, {}, 'The API returned an error', 'Its status is 500.', 'Try again'],
  [
    503,
    { 'Retry-After': '7' },
    'The API cannot verify tokens right now',
    'Try again in 7 seconds.',
    'Try again',
  ],
  [
    503,
    { 'Retry-After': '1' },
    'The API cannot verify tokens right now',
    'Try again in 1 second.',
    'Try again',
  ],
  [
    503,
    { 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' },
    'right now',
    'Try again in a moment.',
    'Try again',
  ],
])('%d with %j is explained', async (status, headers, title, text, button) => {
  const listener: RequestListener = (_, response) =>
    response.writeHead(status, { ...headers }).end('{"error": "fixed"}');
  const { call } = await openConsole(listener);
  await call('/');
  await expectOutcome(String(status), title, text);
  const buttons = within(screen.getByRole('region', { name: 'Result' })).queryAllByRole('button');
  expect(buttons.map(({ textContent }) => textContent)).toEqual(button === null ? [] : [button]);
});

test('a missing scope is highlighted, requested, and the request is repeated after it', async () => {
  const listener: RequestListener = (_, response) =>
    response
      .writeHead(403, { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="a:read b"' })
      .end();
  const { call, user, signIn } = await openConsole(listener);
  await call('/reports');
  await expectOutcome('The scope a:read b is missing');
  expect(screen.getByText('a:read b').tagName).toBe('MARK');
  expect(screen.getByRole('row', { name: /failed scp/ })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Request a:read b and retry' }));
  expect(signIn).toHaveBeenCalledExactlyOnceWith({
    returnTo: '/',
    repeat: { method: 'GET', path: '/reports' },
    scopes: ['a:read', 'b'],
  });
});

test('a step-up challenge requests exactly what it names', async () => {
  const listener: RequestListener = (_, response) =>
    response
      .writeHead(401, {
        'WWW-Authenticate':
          'Bearer realm="api", error="insufficient_user_authentication", acr_values="urn:okta:loa:2fa:any", max_age="300"',
      })
      .end();
  const { call, user, signIn } = await openConsole(listener);
  await call('/payslip');
  await expectOutcome('A stronger or newer sign-in is required');
  await user.click(screen.getByRole('button', { name: 'Confirm it is you and retry' }));
  expect(signIn).toHaveBeenCalledExactlyOnceWith({
    returnTo: '/',
    repeat: { method: 'GET', path: '/payslip' },
    acrValues: 'urn:okta:loa:2fa:any',
    maxAge: 300,
  });
});

test('after the sign-in the request is repeated once, and a second refusal ends it', async () => {
  let requests = 0;
  const listener: RequestListener = (_, response) => {
    requests += 1;
    response
      .writeHead(403, { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="a"' })
      .end();
  };
  storeTokens();
  const apiUrl = await serve(listener);
  vi.spyOn((await import('../session/session')).Session.prototype, 'takeRepeat')
    .mockReturnValueOnce({ method: 'GET', path: '/reports' })
    .mockReturnValue(null);
  renderApp('/', { apiUrl });
  expect(await screen.findByText('Still refused after signing in')).toBeVisible();
  expect(screen.queryByRole('button', { name: /retry/ })).toBeNull();
  expect(requests).toBe(1);
});

test('an API that is down is named, and a retry is one button away', async () => {
  const { call, user } = await openConsole(await nowhere());
  await call('/');
  await expectOutcome('The API cannot be reached', 'VITE_API_URL');
  expect(screen.getByRole('tabpanel')).toHaveTextContent('There is no response.');
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(screen.getByRole('region', { name: 'Result' })).toHaveFocus();
});

test('an API that fails for this origin alone is named', async () => {
  const listener: RequestListener = (request, response) => {
    if (request.url === '/healthz') response.end();
    else request.socket.destroy();
  };
  const { call } = await openConsole(listener);
  await call('/');
  await expectOutcome('The API does not allow this origin', 'CORS_ORIGINS');
});

test('without a network, the result says so', async () => {
  const { call } = await openConsole('https://api.invalid');
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  await call('/');
  await expectOutcome('You are offline');
});

test('an API that does not respond in time is named', async () => {
  const short = AbortSignal.timeout(50);
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(short);
  const listener: RequestListener = () => undefined;
  const { call } = await openConsole(listener);
  await call('/');
  await expectOutcome('The API did not respond in time');
});
