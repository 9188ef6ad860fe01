import { screen } from '@testing-library/react';
import type { RequestListener } from 'node:http';
import { expect, test, vi } from 'vitest';
import { renderApp, storeTokens } from '../testing/app';
import { serve } from '../testing/server';

const REPORTS = {
  reports: [{ id: 1, title: 'Quarter', amount: 1250, currency: 'EUR', created: '2026-01-31' }],
  read_by: 'ada@example.com',
};

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
