import { screen, waitFor, within } from '@testing-library/react';
import type { RequestListener } from 'node:http';
import { beforeEach, expect, test, vi } from 'vitest';
import { adasClaims, CONFIG, encode, renderApp, storeTokens } from '../testing/app';
import { nowhere, serve } from '../testing/server';
import { withChangedSignature } from './credentials';
import { findRoute } from './routes';

let listener: RequestListener;

beforeEach(() => {
  listener = (request, response) =>
    response.end(JSON.stringify({ path: request.url, token: request.headers.authorization }));
});

/** Open the console, signed in as Ada, with an API that responds as `listener` does. */
async function open(apiUrl?: string) {
  storeTokens();
  const url =
    apiUrl ??
    (await serve((request, response) => {
      listener(request, response);
    }));
  const app = renderApp('/', { apiUrl: url });
  const signIn = vi.spyOn(app.session, 'signIn').mockResolvedValue();
  await screen.findByRole('region', { name: 'Routes' });
  const call = (path: string) =>
    app.user.click(screen.getByRole('button', { name: (_, button) => codeIn(button) === path }));
  return { ...app, signIn, url, call };
}

function codeIn(button: Element) {
  return button.querySelector('code')?.textContent;
}

function outcome() {
  return within(screen.getByRole('region', { name: 'Result' })).getAllByRole('status')[0];
}

async function expectOutcome(...words: (string | RegExp)[]) {
  for (const word of words)
    await waitFor(() => {
      expect(outcome()).toHaveTextContent(word);
    });
}

test('before the first request, the result says what to do', async () => {
  await open();
  expect(outcome()).toHaveTextContent('No request yet. Choose a route.');
});

test('chips predict what the token allows', async () => {
  await open();
  const chips = screen.getAllByText(/✓$|missing$/).map((chip) => chip.textContent);
  expect(chips).toEqual([
    'any valid token ✓',
    'any valid token ✓',
    'any valid token ✓',
    'reports:read missing',
    'reports:approve missing',
    'second factor missing',
    'Admins ✓',
  ]);
});

test('the result shows the request and the response, without the token', async () => {
  const held: (() => void)[] = [];
  listener = (_, response) => {
    held.push(() =>
      response.writeHead(200, { 'X-Request-ID': '3f0c19aa' }).end('{"subject": "ada", "n": 1}'),
    );
  };
  const { call, user, url } = await open();
  await call('/me');
  await expectOutcome('Waiting for the response');
  await waitFor(() => {
    expect(held).toHaveLength(1);
  });
  held[0]?.();
  await expectOutcome('200', 'GET /me', /\d+ ms/, 'request ID 3f0c19aa', 'Success');
  expect(screen.getByRole('tabpanel')).toHaveTextContent('"subject": "ada"');
  await user.click(screen.getByRole('tab', { name: 'Request' }));
  expect(screen.getByRole('tabpanel')).toHaveTextContent(
    `GET ${url}/me Authorization: Bearer ••••`,
  );
  await user.click(screen.getByRole('tab', { name: 'Checks 14/14' }));
  expect(screen.getByRole('row', { name: /passed sub ada@example.com/ })).toBeVisible();
});

test('a parameter is escaped on its way into the path', async () => {
  const { user } = await open();
  await user.clear(screen.getByLabelText('Name'));
  await user.type(screen.getByLabelText('Name'), 'Zoë & co?{Enter}');
  await expectOutcome('200');
  expect(screen.getByRole('tabpanel')).toHaveTextContent('"path": "/hello/Zo%C3%AB%20%26%20co%3F"');
});

test.each<[number, object, string, string, string | null]>([
  [
    401,
    { 'WWW-Authenticate': 'Bearer error="invalid_token", error_description="token has expired"' },
    'Your token has expired',
    'Reason: token has expired.',
    'Sign in again',
  ],
  [
    401,
    {
      'WWW-Authenticate':
        'Bearer error="invalid_token", error_description="token is not valid yet"',
    },
    'The clocks differ',
    'from the future',
    'Sign in again',
  ],
  [
    401,
    {
      'WWW-Authenticate':
        'Bearer error="invalid_token", error_description="issuer is not accepted"',
    },
    'The API expects another issuer',
    'VITE_OKTA_ISSUER',
    'Sign in again',
  ],
  [
    401,
    {
      'WWW-Authenticate':
        'Bearer error="invalid_token", error_description="client is not accepted"',
    },
    'The API expects another client',
    'OKTA_CLIENT_ID of the API',
    'Sign in again',
  ],
  [
    401,
    {
      'WWW-Authenticate':
        'Bearer error="invalid_token", error_description="audience is not accepted"',
    },
    'The API expects another audience',
    'OKTA_AUDIENCE',
    'Sign in again',
  ],
  [
    401,
    { 'WWW-Authenticate': 'Bearer error="invalid_token", error_description="token is not active"' },
    'Your token was revoked',
    'new token',
    'Sign in again',
  ],
  [
    401,
    {
      'WWW-Authenticate':
        'Bearer error="invalid_token", error_description="signature is not valid"',
    },
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
  listener = (_, response) => response.writeHead(status, { ...headers }).end('{"error": "fixed"}');
  const { call } = await open();
  await call('/');
  await expectOutcome(String(status), title, text);
  const buttons = within(screen.getByRole('region', { name: 'Result' })).queryAllByRole('button');
  expect(buttons.map(({ textContent }) => textContent)).toEqual(button === null ? [] : [button]);
});

test('a missing scope is highlighted, requested, and the request is repeated after it', async () => {
  listener = (_, response) =>
    response
      .writeHead(403, { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="a:read b"' })
      .end();
  const { call, user, signIn } = await open();
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
  listener = (_, response) =>
    response
      .writeHead(401, {
        'WWW-Authenticate':
          'Bearer realm="api", error="insufficient_user_authentication", acr_values="urn:okta:loa:2fa:any", max_age="300"',
      })
      .end();
  const { call, user, signIn } = await open();
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
  listener = (_, response) => {
    requests += 1;
    response
      .writeHead(403, { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="a"' })
      .end();
  };
  storeTokens();
  const apiUrl = await serve((request, response) => {
    listener(request, response);
  });
  vi.spyOn((await import('../session/session')).Session.prototype, 'takeRepeat')
    .mockReturnValueOnce({ method: 'GET', path: '/reports' })
    .mockReturnValue(null);
  renderApp('/', { apiUrl });
  expect(await screen.findByText('Still refused after signing in')).toBeVisible();
  expect(screen.queryByRole('button', { name: /retry/ })).toBeNull();
  expect(requests).toBe(1);
});

test.each([
  ['no token', undefined],
  ['ID token', /^Bearer .+\..+\..+$/],
  ['changed signature', /^Bearer .+\.AAAA/],
])('with %s, the API must refuse', async (label, sent) => {
  const tokens: (string | undefined)[] = [];
  listener = (request, response) => {
    tokens.push(request.headers.authorization);
    response
      .writeHead(401, { 'WWW-Authenticate': 'Bearer realm="api", error_description="no good"' })
      .end();
  };
  const { call, user } = await open();
  await user.click(screen.getByRole('radio', { name: label }));
  await call('/me');
  await expectOutcome('401', 'The API rejects this, as it must', 'Reason: no good.');
  if (sent) expect(tokens).toEqual([expect.stringMatching(sent)]);
  else expect(tokens).toEqual([undefined]);
  await user.click(screen.getByRole('tab', { name: 'curl' }));
  expect(screen.getByRole('tabpanel')).toHaveTextContent(/curl -i .*\/me'/);
});

test('before the first renewal there is no expired token to send', async () => {
  const { call, user } = await open();
  await user.click(screen.getByRole('radio', { name: 'expired token' }));
  expect(screen.getByText(/has renewed no token yet/)).toBeVisible();
  await call('/me');
  await expectOutcome('There is no expired token', 'Nothing was sent.');
});

test('the token that a renewal replaced is sent as the expired one', async () => {
  const { call, user, session } = await open();
  const replaced = { accessToken: 'a.b.c', expiresAt: Date.now() / 1000 - 5 };
  const state = { ...session.getState(), replaced } as ReturnType<typeof session.getState>;
  vi.spyOn(session, 'getState').mockReturnValue(state);
  Object.assign(session, { getState: () => state });
  await user.click(screen.getByRole('radio', { name: 'expired token' }));
  await call('/me');
  await expectOutcome('Not expired yet, or within the leeway');
});

test('an API that is down is named, and a retry is one button away', async () => {
  const { call, user } = await open(await nowhere());
  await call('/');
  await expectOutcome('The API cannot be reached', 'VITE_API_URL');
  expect(screen.getByRole('tabpanel')).toHaveTextContent('There is no response.');
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(screen.getByRole('region', { name: 'Result' })).toHaveFocus();
});

test('an API that fails for this origin alone is named', async () => {
  listener = (request, response) => {
    if (request.url === '/healthz') response.end();
    else request.socket.destroy();
  };
  const { call } = await open();
  await call('/');
  await expectOutcome('The API does not allow this origin', 'CORS_ORIGINS');
});

test('without a network, the result says so', async () => {
  const { call } = await open('https://api.invalid');
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  await call('/');
  await expectOutcome('You are offline');
});

test('an API that does not respond in time is named', async () => {
  const short = AbortSignal.timeout(50);
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(short);
  listener = () => undefined;
  const { call } = await open();
  await call('/');
  await expectOutcome('The API did not respond in time');
});

test('without a token of Okta nothing is sent', async () => {
  listener = () => {
    throw new Error('sent');
  };
  const { call, session } = await open();
  Object.assign(session, { accessToken: () => Promise.resolve(null) });
  await call('/');
  await expectOutcome('Your session has ended');
});

test('a body that is not JSON is shown unchanged', async () => {
  listener = (_, response) => response.end('<p>Gateway</p>');
  const { call } = await open();
  await call('/');
  expect(await screen.findByText(/<p>Gateway<\/p>/)).toBeVisible();
});

test('a late response does not replace that of a later request', async () => {
  let former: (() => void) | undefined;
  listener = (request, response) => {
    if (request.url === '/') former = () => response.end('former');
    else response.end('later');
  };
  const { call } = await open();
  await call('/');
  await waitFor(() => {
    expect(former).toBeDefined();
  });
  await call('/me');
  expect(await screen.findByText(/later/)).toBeVisible();
  former?.();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(screen.queryByText(/former/)).toBeNull();
});

test('the curl command has no token, and the token command is for the same person', async () => {
  const { call, user, url } = await open();
  await user.clear(screen.getByLabelText('Name'));
  await user.type(screen.getByLabelText('Name'), "'; rm ~'{Enter}");
  await expectOutcome('200');
  await user.click(screen.getByRole('tab', { name: 'curl' }));
  const command = `curl -i -H "Authorization: Bearer $TOKEN" '${url}/hello/%27%3B%20rm%20~%27'`;
  expect(screen.getByText(command)).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Copy the curl command' }));
  expect(await navigator.clipboard.readText()).toBe(command);
  expect(await screen.findByText('Copied.')).toBeVisible();
  const token = `TOKEN=$(make -s token ARGS='--user ada@example.com --scope "openid"')`;
  expect(screen.getByText(token)).toBeVisible();
  await call('/reports/{id}/approve');
  await expectOutcome('POST /reports/1/approve');
  expect(screen.getByText(/^curl -i -X POST/)).toBeVisible();
});

test.each([
  ['a subject that could end a string of the shell', { sub: "ada'; rm -rf ~" }, {}],
  ['a real org', {}, { issuer: 'https://dev-1.okta.com/oauth2/default' }],
])('there is no token command for %s', async (_, claims, config) => {
  storeTokens(adasClaims(claims));
  const apiUrl = await serve((request, response) => {
    listener(request, response);
  });
  const { user } = renderApp('/', { apiUrl, ...config });
  await screen.findByRole('region', { name: 'Routes' });
  await user.click(screen.getByRole('button', { name: (_, button) => codeIn(button) === '/me' }));
  await expectOutcome('200');
  await user.click(screen.getByRole('tab', { name: 'curl' }));
  expect(screen.queryByText(/make -s token/)).toBeNull();
});

test.each([
  ['does not allow copying', { writeText: () => Promise.reject(new DOMException('denied')) }],
  ['has no clipboard', undefined],
])('a browser that %s leaves the text to select', async (_, clipboard) => {
  const { call, user } = await open();
  await call('/me');
  await expectOutcome('200');
  await user.click(screen.getByRole('tab', { name: 'curl' }));
  vi.spyOn(navigator, 'clipboard', 'get').mockReturnValue(clipboard as unknown as Clipboard);
  await user.click(screen.getByRole('button', { name: 'Copy the curl command' }));
  expect(await screen.findByText(/Select the text and copy it/)).toBeVisible();
});

test('a changed signature differs, whatever it started with', () => {
  const token = encode({});
  const changed = withChangedSignature(token);
  expect(changed).not.toBe(token);
  expect(withChangedSignature(changed)).not.toBe(changed);
});

test('a stored request leads back to its route', () => {
  expect(findRoute('POST', '/reports/1/approve')?.path).toBe('/reports/{id}/approve');
  expect(findRoute('DELETE', '/')).toBeUndefined();
  expect(CONFIG.apiUrl).not.toMatch(/\/$/);
});
