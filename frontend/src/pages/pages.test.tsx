import { render, screen } from '@testing-library/react';
import { createMemoryRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { expect, test, vi } from 'vitest';
import { findFaults } from '../config';
import { CONFIG, renderApp, storeTokens } from '../testing/app';
import { nowhere, serve } from '../testing/server';
import { restoreTheme } from '../layout/theme';
import { ConfigFaults } from './ConfigFaults';
import { Crashed } from './Crashed';

test('every invalid setting is named with its value and its remedy', () => {
  const config = { ...CONFIG, issuer: 'https://dev-1.okta.com', clientId: '' };
  render(<ConfigFaults faults={findFaults(config)} />);
  expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('Check the app’s settings');
  const issuer = screen.getByRole('region', { name: /VITE_OKTA_ISSUER/ });
  expect(issuer).toHaveTextContent('Current value: https://dev-1.okta.com');
  expect(issuer).toHaveTextContent('org authorization server');
  const clientId = screen.getByRole('region', { name: /VITE_OKTA_CLIENT_ID/ });
  expect(clientId).not.toHaveTextContent('Current value');
  expect(screen.queryByRole('region', { name: /VITE_API_URL/ })).toBeNull();
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
  expect(screen.getByRole('link', { name: 'Reload this page' })).toBeVisible();
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
  expect(screen.queryByRole('button', { name: /Be Alex/ })).toBeNull();
});

test('the landing page says what does not respond', async () => {
  const issuer = await serve((_, response) => response.writeHead(503).end());
  renderApp('/', { apiUrl: await nowhere(), issuer: `${issuer}/oauth2/other` });
  expect(await screen.findByText('not available (503)')).toBeVisible();
  expect(await screen.findByText('not reachable')).toBeVisible();
});

/** A local Okta that has two people. */
async function localOkta(): Promise<string> {
  const people = [
    { name: 'Alex Kim', login: 'alex@example.com', groups: ['Everyone', 'Admins'] },
    { name: 'Robin Park', login: 'robin@example.com', groups: ['Everyone'] },
  ];
  const origin = await serve((request, response) => {
    response.end(request.url === '/local/people' ? JSON.stringify(people) : '{}');
  });
  return `${origin}/oauth2/default`;
}

test('with the local Okta, the landing page offers its people', async () => {
  const { user, session } = renderApp('/', { issuer: await localOkta() });
  const signIn = vi.spyOn(session, 'signIn').mockResolvedValue();
  await user.click(await screen.findByRole('button', { name: /^Be Robin/ }));
  expect(signIn).toHaveBeenCalledWith({ returnTo: '/', loginHint: 'robin@example.com' });
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

test('a page whose file does not load says so', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  vi.doMock('./Profile', () => {
    throw new Error('the file is gone');
  });
  storeTokens();
  renderApp('/profile');
  expect(await screen.findByRole('alert')).toHaveTextContent('did not load');
  vi.doUnmock('./Profile');
});

test('the account menu switches to the other person in one step', async () => {
  storeTokens();
  const { user, session } = renderApp('/', { issuer: await localOkta() });
  const signIn = vi.spyOn(session, 'signIn').mockResolvedValue();
  await user.click(await screen.findByRole('button', { name: 'Account: Alex Kim' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Switch to Robin' }));
  expect(signIn).toHaveBeenCalledWith({ returnTo: '/', loginHint: 'robin@example.com' });
});

test('with an Okta org, the account menu asks Okta who it is', async () => {
  storeTokens();
  const { user, session } = renderApp('/', { issuer: 'https://okta.invalid/oauth2/default' });
  const signIn = vi.spyOn(session, 'signIn').mockResolvedValue();
  await user.click(await screen.findByRole('button', { name: 'Account: Alex Kim' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Switch account' }));
  expect(signIn).toHaveBeenCalledWith({ returnTo: '/', prompt: 'login' });
});

test('without the console, no page leads to it', async () => {
  storeTokens();
  renderApp('/console', { console: false });
  expect(await screen.findByRole('heading', { level: 1 })).toHaveTextContent('Page not found');
  expect(screen.queryByRole('link', { name: 'Console' })).toBeNull();
});

test('the profile that Okta does not return can be retried', async () => {
  storeTokens();
  const { user, session } = renderApp('/profile');
  vi.spyOn(session, 'userInfo')
    .mockRejectedValueOnce(new Error('down'))
    .mockResolvedValue({ sub: '00u', email: 'alex@example.com', headers: {} });
  expect(await screen.findByRole('alert')).toHaveTextContent('could not be loaded');
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('row', { name: 'email alex@example.com' })).toBeVisible();
  expect(screen.queryByRole('row', { name: /headers/ })).toBeNull();
});
