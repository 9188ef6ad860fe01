import { screen, waitFor } from '@testing-library/react';
import type { RequestListener } from 'node:http';
import { expect, test, vi } from 'vitest';
import { CONFIG, encode } from '../testing/app';
import { expectOutcome, openConsole, outcome } from '../testing/console';
import { withChangedSignature } from './credentials';
import { findRoute } from './routes';

test('before the first request, the result says what to do', async () => {
  await openConsole();
  expect(outcome()).toHaveTextContent('No request yet. Choose a route.');
});

test('chips predict what the token allows', async () => {
  await openConsole();
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
  const listener: RequestListener = (_, response) => {
    held.push(() =>
      response.writeHead(200, { 'X-Request-ID': '3f0c19aa' }).end('{"subject": "ada", "n": 1}'),
    );
  };
  const { call, user, url } = await openConsole(listener);
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
  const { user } = await openConsole();
  await user.clear(screen.getByLabelText('Name'));
  await user.type(screen.getByLabelText('Name'), 'Zoë & co?{Enter}');
  await expectOutcome('200');
  expect(screen.getByRole('tabpanel')).toHaveTextContent('"path": "/hello/Zo%C3%AB%20%26%20co%3F"');
});

test.each([
  ['no token', undefined],
  ['ID token', /^Bearer .+\..+\..+$/],
  ['changed signature', /^Bearer .+\.AAAA/],
])('with %s, the API must refuse', async (label, sent) => {
  const tokens: (string | undefined)[] = [];
  const listener: RequestListener = (request, response) => {
    tokens.push(request.headers.authorization);
    response
      .writeHead(401, { 'WWW-Authenticate': 'Bearer realm="api", error_description="no good"' })
      .end();
  };
  const { call, user } = await openConsole(listener);
  await user.click(screen.getByRole('radio', { name: label }));
  await call('/me');
  await expectOutcome('401', 'The API rejects this, as it must', 'Reason: no good.');
  if (sent) expect(tokens).toEqual([expect.stringMatching(sent)]);
  else expect(tokens).toEqual([undefined]);
  await user.click(screen.getByRole('tab', { name: 'curl' }));
  expect(screen.getByRole('tabpanel')).toHaveTextContent(/curl -i .*\/me'/);
});

test('before the first renewal there is no expired token to send', async () => {
  const { call, user } = await openConsole();
  await user.click(screen.getByRole('radio', { name: 'expired token' }));
  expect(screen.getByText(/has renewed no token yet/)).toBeVisible();
  await call('/me');
  await expectOutcome('There is no expired token', 'Nothing was sent.');
});

test('the token that a renewal replaced is sent as the expired one', async () => {
  const { call, user, session } = await openConsole();
  const replaced = { accessToken: 'a.b.c', expiresAt: Date.now() / 1000 - 5 };
  const state = { ...session.getState(), replaced } as ReturnType<typeof session.getState>;
  vi.spyOn(session, 'getState').mockReturnValue(state);
  Object.assign(session, { getState: () => state });
  await user.click(screen.getByRole('radio', { name: 'expired token' }));
  await call('/me');
  await expectOutcome('Not expired yet, or within the leeway');
});

test('without a token of Okta nothing is sent', async () => {
  const listener: RequestListener = () => {
    throw new Error('sent');
  };
  const { call, session } = await openConsole(listener);
  Object.assign(session, { accessToken: () => Promise.resolve(null) });
  await call('/');
  await expectOutcome('Your session has ended');
});

test('a body that is not JSON is shown unchanged', async () => {
  const listener: RequestListener = (_, response) => response.end('<p>Gateway</p>');
  const { call } = await openConsole(listener);
  await call('/');
  expect(await screen.findByText(/<p>Gateway<\/p>/)).toBeVisible();
});

test('a late response does not replace that of a later request', async () => {
  let former: (() => void) | undefined;
  const listener: RequestListener = (request, response) => {
    if (request.url === '/') former = () => response.end('former');
    else response.end('later');
  };
  const { call } = await openConsole(listener);
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
