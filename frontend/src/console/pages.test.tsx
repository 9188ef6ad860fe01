import { screen, waitFor, within } from '@testing-library/react';
import type { RequestListener } from 'node:http';
import { expect, test, vi } from 'vitest';
import { claimsNow, encode, renderApp, storeTokens } from '../testing/app';
import { openConsole } from './testing';
import { nowhere, serve } from '../testing/server';
import { describeFaults } from './faults';
import { expiryText } from './time';
import { closeText } from './useSocket';

test.each([
  [3600 * 5 + 10, 'expires in 5 hours'],
  [3600, 'expires in 60 minutes'],
  [125, 'expires in 2 minutes'],
  [119, 'expires in 119 seconds'],
  [1, 'expires in 1 second'],
  [0, 'expired 0 seconds ago'],
  [-60, 'expired 60 seconds ago'],
])('%d seconds before the end, the token %s', (left, text) => {
  expect(expiryText(1_800_000_000 + left, 1_800_000_000)).toBe(text);
});

test('the end of a token is the one that the API goes by', async () => {
  const { user } = await openConsole(undefined, {
    claims: { exp: Math.floor(Date.now() / 1000) + 90 * 60 + 30 },
  });
  expect(screen.getByText(/Your token expires in 90 minutes/)).toBeVisible();
  await user.selectOptions(screen.getByLabelText('Send as'), 'ID token');
  expect(screen.getByText(/tells this app who you are/)).toBeVisible();
});

test('a pasted token is decoded and judged, and leaves no trace', async () => {
  const token = encode({ ...claimsNow(), iss: 'https://acme.okta.com/oauth2/default' });
  const asked: (string | undefined)[] = [];
  const { user } = await openConsole((request, response) => {
    asked.push(request.headers.authorization);
    response.writeHead(401).end('{"error": "no", "code": "issuer"}');
  });
  await user.click(screen.getByRole('link', { name: 'Paste a token' }));
  await user.click(await screen.findByLabelText('Token'));
  await user.paste(`  Bearer ${token.slice(0, 40)}\n  ${token.slice(40)}\u200b\n`);
  const verdict = await screen.findByRole('region', { name: 'Verdict' });
  expect(verdict).toHaveTextContent('refuses the token: the API expects another issuer');
  expect(asked).toEqual([`Bearer ${token}`]);
  const decoded = screen.getByRole('region', { name: 'Decoded' });
  expect(within(decoded).getByRole('row', { name: /^iss https:\/\/acme/ })).toBeVisible();
  const places = [window.location.href, JSON.stringify([sessionStorage, localStorage])];
  expect(places.join(' ')).not.toContain(token);
  await user.click(screen.getByRole('link', { name: 'Send requests with it' }));
  expect(await screen.findByLabelText('Send as')).toHaveValue('pasted');
  await user.click(screen.getByRole('button', { name: 'Send' }));
  expect(await screen.findByRole('heading', { name: /expects another issuer/ })).toBeVisible();
  expect(asked).toHaveLength(2);
});

test('a token that the API accepts is no problem, and one that is no JWT is said to be none', async () => {
  const { user } = await openConsole((_, response) => response.end('{}'));
  await user.click(screen.getByRole('link', { name: 'Paste a token' }));
  await user.type(await screen.findByLabelText('Token'), 'opaque');
  expect(await screen.findByText('This API accepts the token')).toBeVisible();
  expect(screen.getByText(/it is not a JWT/)).toBeVisible();
});

test.each([
  [{ sub: 'eve' }, 'the login, which can change hands'],
  [{ sub: '00u1', nonce: 'n' }, 'the user’s id in Okta, which never changes'],
])('the meaning of sub depends on the kind of token: %j', async (claims, meaning) => {
  const { user } = await openConsole((_, response) => response.end('{}'));
  await user.click(screen.getByRole('link', { name: 'Paste a token' }));
  await user.click(await screen.findByLabelText('Token'));
  await user.paste(encode(claims));
  const decoded = await screen.findByRole('region', { name: 'Decoded' });
  expect(within(decoded).getByRole('row', { name: /^sub/ })).toHaveTextContent(meaning);
});

test.each([
  [503, '{"code": "keys_unavailable"}', 'The API has no signing keys'],
  [500, '', 'The API returned an error'],
])('an API that responds %d does not refuse a token', async (status, body, title) => {
  const { user } = await openConsole((_, response) => response.writeHead(status).end(body));
  await user.click(screen.getByRole('link', { name: 'Paste a token' }));
  await user.type(await screen.findByLabelText('Token'), 'x');
  const verdict = await screen.findByRole('region', { name: 'Verdict' });
  expect(verdict).toHaveTextContent(title);
  expect(verdict).not.toHaveTextContent('refuses');
});

test('without a pasted token there is nothing to send', async () => {
  const { user } = await openConsole(undefined, { query: '?as=pasted' });
  expect(screen.getByRole('button', { name: 'Send' })).toBeDisabled();
  await user.click(screen.getByRole('link', { name: 'Paste one' }));
  expect(await screen.findByLabelText('Token')).toHaveValue('');
});

test('the story of the sign-in has the real parameters and no token', async () => {
  sessionStorage.setItem(
    'last-sign-in',
    JSON.stringify({
      asked: { returnTo: '/' },
      url: 'http://localhost:9/oauth2/default/v1/authorize?client_id=0oalocalspa&code_challenge=abc&other=1',
    }),
  );
  const { user, session } = await openConsole();
  await user.click(screen.getByRole('link', { name: 'What happened when you signed in' }));
  expect(await screen.findByText('code_challenge')).toBeVisible();
  expect(screen.getByText('abc')).toBeVisible();
  expect(screen.getByText('code_verifier')).toBeVisible();
  const [access, id] = screen.getAllByRole('table', { name: 'Claims' });
  expect(access).toHaveTextContent('the login, which can change hands');
  expect(id).toHaveTextContent('Alex Kim');
  const [, , signature = ''] = session.getState().tokens?.accessToken.accessToken.split('.') ?? [];
  expect(document.body).not.toHaveTextContent(signature);
});

test('a session of another tab has no redirect to show', async () => {
  const { user } = await openConsole();
  await user.click(screen.getByRole('link', { name: 'What happened when you signed in' }));
  expect(await screen.findByText(/You signed in elsewhere/)).toBeVisible();
});

/** A local Okta with switches. */
async function okta() {
  const flipped: string[] = [];
  const state = { outage: false, skew: 0 };
  const listener: RequestListener = (request, response) => {
    const { method = '', url = '', headers } = request;
    if (method === 'POST') {
      flipped.push(`${url} ${headers['content-type'] ?? ''}`);
      state.outage = url === '/local/outage';
    }
    response.end(JSON.stringify(state));
  };
  return { flipped, issuer: `${await serve(listener)}/oauth2/default` };
}

test('what is broken is said, and undone by one click', async () => {
  const { flipped, issuer } = await okta();
  const { user } = await openConsole(undefined, { config: { issuer } });
  await user.click(screen.getByRole('button', { name: 'Break something ▾' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Take Okta down' }));
  expect(await screen.findByText('Okta is down.')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Undo' }));
  await waitFor(() => {
    expect(screen.queryByText('Okta is down.')).toBeNull();
  });
  expect(flipped).toEqual(['/local/outage application/json', '/local/reset application/json']);
});

test('a token is revoked at Okta', async () => {
  const { flipped, issuer } = await okta();
  const { user } = await openConsole(undefined, { config: { issuer } });
  await user.click(screen.getByRole('button', { name: 'Break something ▾' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Revoke my token' }));
  expect((await screen.findAllByText(/Okta revoked your token/))[0]).toBeVisible();
  expect(flipped).toEqual([
    '/oauth2/default/v1/revoke application/x-www-form-urlencoded;charset=UTF-8',
  ]);
});

test('a user is signed out everywhere by Okta', async () => {
  const { flipped, issuer } = await okta();
  const { user } = await openConsole(undefined, { config: { issuer } });
  await user.click(screen.getByRole('button', { name: 'Break something ▾' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Sign me out everywhere' }));
  expect((await screen.findAllByText(/sign you out everywhere/))[0]).toBeVisible();
  expect(flipped).toEqual(['/local/universal-logout?person=alex%40example.com application/json']);
});

test('an Okta that does not do it is named', async () => {
  const { user } = await openConsole(undefined, {
    config: { issuer: `${await nowhere()}/oauth2/default` },
  });
  await user.click(screen.getByRole('button', { name: 'Break something ▾' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Take Okta down' }));
  expect((await screen.findAllByText(/did not do that/))[0]).toBeVisible();
});

test.each([
  [{ outage: false, skew: 0 }, null],
  [{ outage: true, skew: 0 }, 'Okta is down.'],
  [{ outage: false, skew: -600 }, 'Okta’s clock is 10 minutes behind.'],
  [{ outage: true, skew: 600 }, 'Okta is down, and Okta’s clock is 10 minutes ahead.'],
])('%j is: %s', (faults, text) => {
  expect(describeFaults(faults)).toBe(text);
});

class FakeSocket {
  static last: FakeSocket;
  onopen: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;
  onclose: (event: { code: number; reason: string }) => void = () => undefined;
  sent: string[] = [];
  url: string;
  protocols: string[];
  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
    FakeSocket.last = this;
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.onclose({ code: 1005, reason: '' });
  }
}

test('the live page connects with the token as a subprotocol, and says when it expires', async () => {
  const { user, session, url } = await openConsole();
  await user.click(screen.getByRole('link', { name: 'Live' }));
  const button = await screen.findByRole('button', { name: 'Connect' });
  const real = WebSocket;
  vi.stubGlobal('WebSocket', FakeSocket);
  await user.click(button);
  await waitFor(() => {
    expect(FakeSocket.last.url).toBe(`${url.replace('http', 'ws')}/ws/hello`);
  });
  const socket = FakeSocket.last;
  const token = session.getState().tokens?.accessToken.accessToken;
  expect(socket.protocols).toEqual(['bearer', token]);
  socket.onopen();
  expect(await screen.findByText('Connected')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Send' }));
  expect(socket.sent).toEqual(['world']);
  socket.onmessage({ data: 'Hello, world' });
  expect(await screen.findByText('Hello, world')).toBeVisible();
  socket.onclose({ code: 3000, reason: 'token has expired' });
  expect(await screen.findByText(/code 3000: token has expired/)).toBeVisible();
  expect(screen.getByText('Not connected')).toBeVisible();
  vi.stubGlobal('WebSocket', real);
});

test.each([
  [3000, '', 'token has expired'],
  [1008, 'why', 'Closed with code 1008: why.'],
  [1001, '', 'Closed with code 1001.'],
])('the close code %d is explained', async (code, reason, text) => {
  expect(await closeText(code, reason, 'http://localhost:8000')).toContain(text);
});

test('a connection that never opened is explained by its cause', async () => {
  const up = await serve((_, response) => response.end());
  expect(await closeText(1006, '', up)).toContain('refused the connection');
  expect(await closeText(1006, '', await nowhere())).toContain('cannot be reached');
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  expect(await closeText(1006, '', 'https://api.invalid')).toContain('You are offline');
});

test('an unknown page of the console has a way out', async () => {
  storeTokens();
  renderApp('/console/nowhere');
  expect(await screen.findByRole('heading', { level: 1 })).toHaveTextContent('Page not found');
});
