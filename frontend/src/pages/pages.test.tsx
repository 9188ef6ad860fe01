import { render, screen, waitFor, within } from '@testing-library/react';
import type { RequestListener } from 'node:http';
import { createMemoryRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { expect, test, vi } from 'vitest';
import { findFaults } from '../config';
import { adasClaims, CONFIG, renderApp, storeTokens } from '../testing/app';
import { nowhere, serve } from '../testing/server';
import { restoreTheme } from '../layout/theme';
import { ConfigFaults } from './ConfigFaults';
import { Crashed } from './Crashed';
import { closeText } from './Live';

const REPORTS = {
  reports: [{ id: 1, title: 'Quarter', amount: 1250, currency: 'EUR', created: '2026-01-31' }],
  read_by: 'ada@example.com',
};

test('every invalid setting is named with its value and its remedy', () => {
  const config = { ...CONFIG, issuer: 'https://dev-1.okta.com', clientId: '' };
  render(<ConfigFaults faults={findFaults(config)} />);
  expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('Check the app’s settings');
  const issuer = screen.getByRole('region', { name: 'VITE_OKTA_ISSUER' });
  expect(issuer).toHaveTextContent('Current value: https://dev-1.okta.com');
  expect(issuer).toHaveTextContent('org authorization server');
  const clientId = screen.getByRole('region', { name: 'VITE_OKTA_CLIENT_ID' });
  expect(clientId).not.toHaveTextContent('Current value');
  expect(screen.queryByRole('region', { name: 'VITE_API_URL' })).toBeNull();
});

test('one invalid setting is singular', () => {
  render(<ConfigFaults faults={findFaults({ ...CONFIG, clientId: '' })} />);
  expect(screen.getByText(/One setting is invalid\. Fix it/)).toBeVisible();
});

test('a page that throws is replaced by words and a way out', async () => {
  // React reports the error there as well.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const Broken = () => {
    throw new Error('broken');
  };
  const router = createMemoryRouter([
    { path: '/', element: <Broken />, errorElement: <Crashed /> },
  ]);
  render(<RouterProvider router={router} />);
  expect(await screen.findByRole('alert')).toHaveTextContent('Something went wrong');
  expect(screen.getByRole('link')).toHaveAttribute('href', '/');
});

test('an unknown address has a way out', async () => {
  renderApp('/nowhere');
  expect(await screen.findByRole('heading', { level: 1 })).toHaveTextContent('Page not found');
});

test('the landing page shows the state of Okta and of the API', async () => {
  const apiUrl = await serve((_, response) =>
    response.writeHead(503).end('{"status": "no signing keys"}'),
  );
  const issuer = await serve((_, response) => response.end());
  renderApp('/', { apiUrl, issuer: `${issuer}/oauth2/default` });
  expect(await screen.findByText('reachable')).toBeVisible();
  expect(await screen.findByText('no signing keys')).toBeVisible();
});

test('with an Okta org, the landing page offers no test users', async () => {
  renderApp('/', { issuer: 'https://okta.invalid/oauth2/default' });
  expect(await screen.findByText('Sign in with Okta')).toBeVisible();
  expect(screen.queryByText(/Pick who to be/)).toBeNull();
});

test('the landing page says what does not respond', async () => {
  const issuer = await serve((_, response) => response.writeHead(503).end());
  renderApp('/', { apiUrl: await nowhere(), issuer: `${issuer}/oauth2/other` });
  expect(await screen.findByText('not available (503)')).toBeVisible();
  expect(await screen.findByText('not reachable')).toBeVisible();
});

test('with the local Okta, the landing page offers Ada and Grace', async () => {
  const { user, session } = renderApp('/');
  const signIn = vi.spyOn(session, 'signIn').mockResolvedValue();
  await user.click(await screen.findByRole('button', { name: /Grace/ }));
  expect(signIn).toHaveBeenCalledWith({ returnTo: '/', loginHint: 'grace@example.com' });
});

test('the theme is chosen by a button and stays', async () => {
  const { user } = renderApp('/');
  await user.click(await screen.findByRole('button', { name: 'Use the dark theme' }));
  expect(document.documentElement.dataset.theme).toBe('dark');
  delete document.documentElement.dataset.theme;
  restoreTheme();
  expect(document.documentElement.dataset.theme).toBe('dark');
  await user.click(screen.getByRole('button', { name: 'Use the light theme' }));
  expect(document.documentElement.dataset.theme).toBe('light');
});

test('the theme changes even where storage is blocked', async () => {
  vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  restoreTheme();
  const { user } = renderApp('/');
  await user.click(screen.getByRole('button', { name: 'Use the dark theme' }));
  expect(document.documentElement.dataset.theme).toBe('dark');
});

test('the token page shows each claim beside its rule, and never the token', async () => {
  storeTokens(adasClaims({ act: { sub: 'agent' }, cnf: { jkt: 'thumbprint' }, other: { a: 1 } }));
  const { session } = renderApp('/token');
  const claims = await screen.findByRole('table', { name: 'Claims' });
  expect(within(claims).getByRole('row', { name: /^iss .*OKTA_ISSUER/ })).toBeVisible();
  expect(within(claims).getByRole('row', { name: /^exp \d+ \(/ })).toBeVisible();
  expect(within(claims).getByRole('row', { name: /^other .*not checked/ })).toBeVisible();
  expect(screen.getByText('agent')).toBeVisible();
  expect(screen.getByText('thumbprint')).toBeVisible();
  const [, , signature = ''] = session.getState().tokens?.accessToken.accessToken.split('.') ?? [];
  expect(document.body).not.toHaveTextContent(signature);
});

test('the token page shows a bearer token of a person as such', async () => {
  storeTokens();
  renderApp('/token');
  expect(await screen.findByText(/the subject acts directly/)).toBeVisible();
  expect(screen.getByText(/this is a bearer token/)).toBeVisible();
});

/** Open the reports page, signed in as Ada. */
async function openReports(listener: RequestListener) {
  storeTokens();
  const app = renderApp('/reports', { apiUrl: await serve(listener) });
  const signIn = vi.spyOn(app.session, 'signIn').mockResolvedValue();
  return { ...app, signIn };
}

test('reports are loaded and approved', async () => {
  const { user } = await openReports((request, response) => {
    if (request.method === 'GET') response.end(JSON.stringify(REPORTS));
    else response.end(JSON.stringify({ approved: 1, by: request.headers.authorization && 'ada' }));
  });
  expect(await screen.findByRole('row', { name: /Quarter .*1,250/ })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Approve Quarter' }));
  expect(await screen.findByText('Report 1 is approved by ada.')).toBeVisible();
});

test('no reports are an empty state', async () => {
  await openReports((_, response) => response.end('{"reports": [], "read_by": "ada"}'));
  expect(await screen.findByText('There are no reports.')).toBeVisible();
});

test('reports without the scope are a forbidden state with a way out', async () => {
  const { user, signIn } = await openReports((_, response) =>
    response
      .writeHead(403, { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="a"' })
      .end('{"error": "Forbidden"}'),
  );
  expect(await screen.findByRole('alert')).toHaveTextContent('The scope a is missing');
  await user.click(screen.getByRole('button', { name: 'Request a and retry' }));
  expect(signIn).toHaveBeenCalledWith({ returnTo: '/reports', scopes: ['a'] });
});

test('a failure of the API is an error state, and a retry works', async () => {
  let up = false;
  const { user } = await openReports((_, response) => {
    if (up) response.end(JSON.stringify(REPORTS));
    else response.writeHead(500).end();
  });
  expect(await screen.findByRole('alert')).toHaveTextContent('Its status is 500');
  up = true;
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('row', { name: /Quarter/ })).toBeVisible();
});

test('an approval that fails is explained, and a retry works', async () => {
  let up = false;
  const { user } = await openReports((request, response) => {
    if (request.method === 'GET') response.end(JSON.stringify(REPORTS));
    else if (up) response.end('{"approved": 1, "by": "ada"}');
    else request.socket.destroy();
  });
  await user.click(await screen.findByRole('button', { name: 'Approve Quarter' }));
  expect(await screen.findByRole('alert')).toBeVisible();
  up = true;
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('Report 1 is approved by ada.')).toBeVisible();
});

test('without a token, reports ask to sign in', async () => {
  const { session } = await openReports((_, response) => response.end());
  Object.assign(session, { accessToken: () => Promise.resolve(null) });
  expect(await screen.findByRole('alert')).toHaveTextContent('Your session has ended');
});

test('the profile that Okta does not return can be retried', async () => {
  storeTokens();
  const { user, session } = renderApp('/profile');
  vi.spyOn(session, 'userInfo')
    .mockRejectedValueOnce(new Error('down'))
    .mockResolvedValue({ sub: '00u', email: 'ada@example.com', headers: {} });
  expect(await screen.findByRole('alert')).toHaveTextContent('could not be loaded');
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('row', { name: 'email ada@example.com' })).toBeVisible();
  expect(screen.queryByRole('row', { name: /headers/ })).toBeNull();
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
  storeTokens();
  const { user, session } = renderApp('/live');
  const button = await screen.findByRole('button', { name: 'Connect' });
  vi.stubGlobal('WebSocket', FakeSocket);
  await user.click(button);
  await waitFor(() => {
    expect(FakeSocket.last.url).toBe('ws://localhost:8000/ws/hello');
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
  vi.unstubAllGlobals();
});

test.each([
  [3000, '', 'token has expired'],
  [1006, '', 'refused the connection'],
  [1008, 'why', 'Closed with code 1008: why.'],
  [1001, '', 'Closed with code 1001.'],
])('the close code %d is explained', (code, reason, text) => {
  expect(closeText(code, reason)).toContain(text);
});
