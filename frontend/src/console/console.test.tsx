import { screen, waitFor, within } from '@testing-library/react';
import type { RequestListener } from 'node:http';
import { expect, test, vi } from 'vitest';
import { encode } from '../testing/app';
import { serve } from '../testing/server';
import { choose, expectOutcome, openConsole, outcome, routeName, send } from './testing';
import { withChangedSignature } from './credentials';

test('before the first request, the result says what to do, and nothing is sent', async () => {
  const listener: RequestListener = () => {
    throw new Error('sent');
  };
  await openConsole(listener, { query: '?method=POST&path=/reports&as=none' });
  expect(outcome()).toHaveTextContent('Nothing is sent yet');
  expect(screen.getByLabelText('Path')).toHaveValue('/reports');
  expect(screen.getByLabelText('Method')).toHaveValue('POST');
  expect(screen.getByLabelText('Send as')).toHaveValue('none');
});

test('an address with nonsense fills the form with what is possible', async () => {
  await openConsole(undefined, { query: '?method=TRACE&as=someone' });
  expect(screen.getByLabelText('Method')).toHaveValue('GET');
  expect(screen.getByLabelText('Send as')).toHaveValue('own');
});

test('the list says what the chosen token lacks, and follows "send as"', async () => {
  const { user } = await openConsole();
  const row = await screen.findByRole('button', { name: routeName('GET', '/reports') });
  expect(row).toHaveTextContent('reports:read missing');
  const me = screen.getByRole('button', { name: routeName('GET', '/me') });
  expect(me).not.toHaveTextContent('missing');
  await user.selectOptions(screen.getByLabelText('Send as'), 'no token');
  expect(me).toHaveTextContent('no token');
});

test('a route fills the form, and Send shows the request and the response, without the token', async () => {
  const held: (() => void)[] = [];
  const listener: RequestListener = (_, response) => {
    held.push(() =>
      response.writeHead(200, { 'X-Request-ID': '3f0c19aa' }).end('{"subject": "alex", "n": 1}'),
    );
  };
  const { user, url } = await openConsole(listener);
  await choose(user, 'GET', '/me');
  expect(held).toHaveLength(0);
  await send(user);
  await expectOutcome('Waiting for the response');
  await waitFor(() => {
    expect(held).toHaveLength(1);
  });
  held[0]?.();
  await expectOutcome('200', 'Success', /GET \/me · \d+ ms/);
  const panel = screen.getByRole('tabpanel');
  expect(panel).toHaveTextContent('"subject": "alex"');
  expect(panel).toHaveTextContent(`GET ${url}/me Authorization: Bearer ••••`);
  await user.click(screen.getByRole('tab', { name: 'Token' }));
  expect(screen.getByRole('row', { name: /^sub alex@example.com the login/ })).toBeVisible();
  await user.keyboard('{End}');
  expect(screen.getByRole('tab', { name: 'curl' })).toHaveFocus();
});

test('a path is sent as it is entered, and a body with it', async () => {
  const bodies: string[] = [];
  const listener: RequestListener = (request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
    request.on('end', () => response.writeHead(201).end('{}'));
  };
  const { user } = await openConsole(listener);
  await choose(user, 'POST', '/reports');
  const body = await screen.findByLabelText('Body');
  expect(body).toHaveValue(
    JSON.stringify({ title: 'Train', amount: '1.00', pages: 1, note: 'text' }, null, 2),
  );
  await user.clear(body);
  await user.type(body, '{{"title": "Bus"}');
  await send(user);
  await expectOutcome('201');
  expect(bodies).toEqual(['{"title": "Bus"}']);
});

test.each([
  ['no token', undefined, 'no_credentials', 'No token was sent'],
  ['ID token', /^Bearer .+\..+\..+$/, 'audience', 'The API expects another audience'],
  ['changed signature', /^Bearer .+\.AAAA/, 'signature', 'The signature is not valid'],
])('with %s, the API must refuse', async (label, sent, code, reason) => {
  const tokens: (string | undefined)[] = [];
  const listener: RequestListener = (request, response) => {
    tokens.push(request.headers.authorization);
    response.writeHead(401).end(JSON.stringify({ error: 'no', code }));
  };
  const { call, user } = await openConsole(listener);
  await user.selectOptions(screen.getByLabelText('Send as'), label);
  await call('GET', '/me');
  await expectOutcome('401', 'The API rejects this, as it must', `Reason: ${reason}.`);
  if (sent) expect(tokens).toEqual([expect.stringMatching(sent)]);
  else expect(tokens).toEqual([undefined]);
  const result = within(screen.getByRole('region', { name: 'Result' }));
  expect(result.queryByRole('button', { name: /again|retry/ })).toBeNull();
  await user.click(screen.getByRole('tab', { name: 'curl' }));
  expect(screen.getByRole('tabpanel')).toHaveTextContent(/curl -i .*\/me'/);
});

test('a token that was tampered with and is accepted after all is no good news', async () => {
  const { call, user } = await openConsole();
  await user.selectOptions(screen.getByLabelText('Send as'), 'changed signature');
  await call('GET', '/healthz');
  await expectOutcome('200', 'This route needs no access token.');
});

test('without a token of Okta nothing is sent', async () => {
  const listener: RequestListener = () => {
    throw new Error('sent');
  };
  const { call, session } = await openConsole(listener);
  Object.assign(session, { accessToken: () => Promise.resolve(null) });
  await call('GET', '/me');
  await expectOutcome('Your session has ended');
});

test.each(['expired token', 'replayed proof', 'missing proof'])(
  'where the local Okta issues no %s, nothing is sent',
  async (label) => {
    const { call, user } = await openConsole(undefined, {
      config: { issuer: 'http://127.0.0.1:9/oauth2/default' },
    });
    await user.selectOptions(screen.getByLabelText('Send as'), label);
    await call('GET', '/me');
    await expectOutcome(`There is no ${label}`, 'Nothing was sent');
  },
);

test('with an org of Okta’s, what needs the local Okta is not offered', async () => {
  await openConsole(undefined, { config: { issuer: 'https://okta.invalid/oauth2/default' } });
  expect(screen.queryByRole('option', { name: 'expired token' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Break something ▾' })).toBeNull();
  expect(screen.getByText('0 of 4 done')).toBeVisible();
  expect(screen.getByRole('option', { name: 'changed signature' })).toBeInTheDocument();
});

test('the history keeps what was sent, to look at again', async () => {
  const { call, user } = await openConsole();
  await call('GET', '/hello/{name}');
  await expectOutcome('GET /hello/world');
  await call('GET', '/me');
  await expectOutcome('GET /me');
  const history = within(screen.getByRole('region', { name: 'History' }));
  expect(history.getAllByRole('button')).toHaveLength(2);
  await user.click(history.getByRole('button', { name: /hello/ }));
  await expectOutcome('GET /hello/world');
});

test('a body that is not JSON is shown unchanged', async () => {
  const listener: RequestListener = (_, response) => response.end('<p>Gateway</p>');
  const { call } = await openConsole(listener);
  await call('GET', '/me');
  expect(await screen.findByText(/<p>Gateway<\/p>/)).toBeVisible();
});

test('a late response does not replace that of a later request', async () => {
  let former: (() => void) | undefined;
  const listener: RequestListener = (request, response) => {
    if (request.url === '/hello/world') former = () => response.end('former');
    else response.end('later');
  };
  const { call } = await openConsole(listener);
  await call('GET', '/hello/{name}');
  await waitFor(() => {
    expect(former).toBeDefined();
  });
  await call('GET', '/me');
  expect(await screen.findByText(/later/)).toBeVisible();
  former?.();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(screen.queryByText(/former/)).toBeNull();
});

test('routes that are not known leave the form to use', async () => {
  const { user } = await openConsole(undefined, { openapi: null });
  expect(await screen.findByText('The routes are not known')).toBeVisible();
  await user.clear(screen.getByLabelText('Path'));
  await user.type(screen.getByLabelText('Path'), '/own');
  await send(user);
  await expectOutcome('200', 'GET /own');
});

test('the eight fill the form, and what was done is ticked', async () => {
  const { user } = await openConsole();
  const eight = within(screen.getByRole('region', { name: /Try these eight/ }));
  await user.click(eight.getByRole('button', { name: /A changed signature/ }));
  expect(screen.getByLabelText('Send as')).toHaveValue('changed');
  await user.click(eight.getByRole('button', { name: /A valid token/ }));
  expect(eight.queryByRole('img', { name: 'done' })).toBeNull();
  await send(user);
  expect(await eight.findByRole('img', { name: 'done' })).toBeVisible();
  expect(sessionStorage.getItem('tried')).toBe('[0]');
});

test('the same request is sent as another person of the local Okta, and both endings are shown', async () => {
  const people = [
    { name: 'Alex Kim', login: 'alex@example.com', groups: [] },
    { name: 'Robin Park', login: 'robin@example.com', groups: [] },
  ];
  const issuer = await serve((_, response) => response.end(JSON.stringify(people)));
  sessionStorage.setItem(
    'compared',
    JSON.stringify({ name: 'Robin Park', request: 'GET /me', status: 403, title: 'Not for you' }),
  );
  const { call, user, signIn } = await openConsole(undefined, {
    config: { issuer: `${issuer}/oauth2/default` },
  });
  await call('GET', '/me');
  expect(await screen.findByText(/As Robin Park/)).toHaveTextContent('403 Not for you');
  await user.click(screen.getByRole('button', { name: 'Send it as Robin' }));
  expect(signIn).toHaveBeenCalledWith({
    returnTo: '/console?method=GET&path=%2Fme',
    repeat: { method: 'GET', path: '/me' },
    loginHint: 'robin@example.com',
  });
  expect(sessionStorage.getItem('compared')).toContain('"status":200');
});

test('a changed signature differs, whatever it started with', () => {
  const token = encode({});
  const changed = withChangedSignature(token);
  expect(changed).not.toBe(token);
  expect(withChangedSignature(changed)).not.toBe(changed);
});

test('after a sign-in, the request that led to it is repeated once', async () => {
  const { Session } = await import('../session/session');
  vi.spyOn(Session.prototype, 'takeRepeat')
    .mockReturnValueOnce({ method: 'GET', path: '/reports', repeated: true })
    .mockReturnValue(null);
  const challenge = 'Bearer error="insufficient_scope", scope="a"';
  let requests = 0;
  await openConsole((_, response) => {
    requests += 1;
    response
      .writeHead(403, { 'WWW-Authenticate': challenge })
      .end('{"error": "Forbidden", "code": "insufficient_scope"}');
  });
  await expectOutcome('Still refused after signing in');
  const result = within(screen.getByRole('region', { name: 'Result' }));
  expect(result.queryByRole('button', { name: /retry/ })).toBeNull();
  expect(requests).toBe(1);
});
