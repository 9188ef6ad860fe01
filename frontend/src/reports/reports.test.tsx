import { screen, waitFor, within } from '@testing-library/react';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { expect, test, vi } from 'vitest';
import { claimsNow, renderApp, storeTokens } from '../testing/app';
import { serve } from '../testing/server';
import { Session } from '../session/session';
import { keyMaker } from './form';

const ME = '00ualex';

const report = (id: number, more: object = {}) => ({
  id,
  title: `Report ${id}`,
  amount: '1250.00',
  currency: 'EUR',
  created: '2026-01-31T10:00:00Z',
  status: 'submitted',
  owner: '00urobin',
  approved_by: null,
  approved_at: null,
  ...more,
});

const LIST = {
  reports: [report(3), report(2, { owner: ME }), report(1, { status: 'approved' })],
  next: null,
};

interface Asked {
  method: string;
  url: string;
  body: string;
  key: string | undefined;
}

/** An API that records what it is asked. */
async function api(answer: (asked: Asked, response: ServerResponse) => void) {
  const asked: Asked[] = [];
  const listener: RequestListener = (request, response) => {
    void read(request).then((body) => {
      const { method = '', url = '', headers } = request;
      const one = { method, url, body, key: headers['idempotency-key'] as string | undefined };
      asked.push(one);
      answer(one, response);
    });
  };
  return { asked, apiUrl: await serve(listener) };
}

async function read(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

async function openReports(
  answer: (asked: Asked, response: ServerResponse) => void,
  scp = ['reports:read', 'reports:write', 'reports:approve'],
) {
  storeTokens(claimsNow({ scp, uid: ME }), { sub: ME });
  const { asked, apiUrl } = await api(answer);
  const app = renderApp('/reports', { apiUrl });
  const signIn = vi.spyOn(app.session, 'signIn').mockResolvedValue();
  return { ...app, signIn, asked };
}

const listed = (response: ServerResponse) => response.end(JSON.stringify(LIST));

test('a report of somebody else can be approved, and one’s own deleted', async () => {
  await openReports((_, response) => listed(response));
  const row = await screen.findByRole('row', { name: /Report 3 .*1,250/ });
  expect(within(row).getByRole('button', { name: 'Approve Report 3' })).toBeVisible();
  expect(within(row).queryByRole('button', { name: /Delete/ })).toBeNull();
  expect(screen.getByRole('button', { name: 'Delete Report 2' })).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Approve Report 2' })).toBeNull();
  expect(screen.queryByRole('button', { name: /Report 1/ })).toBeNull();
});

test('an approval says so by name, and the list is loaded again', async () => {
  const { user, asked } = await openReports(({ method }, response) => {
    if (method === 'GET') listed(response);
    else response.end(JSON.stringify(report(3, { title: 'Travel', status: 'approved' })));
  });
  await user.click(await screen.findByRole('button', { name: 'Approve Report 3' }));
  expect((await screen.findAllByText('“Travel” is approved.'))[0]).toBeVisible();
  await waitFor(() => {
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /reports',
      'POST /reports/3/approve',
      'GET /reports',
    ]);
  });
});

test('an approval that lacks a scope requests it and is repeated by itself', async () => {
  const challenge = 'Bearer error="insufficient_scope", scope="reports:approve"';
  const { user, signIn } = await openReports(({ method }, response) => {
    if (method === 'GET') listed(response);
    else
      response
        .writeHead(403, { 'WWW-Authenticate': challenge })
        .end('{"error": "Forbidden", "code": "insufficient_scope"}');
  });
  await user.click(await screen.findByRole('button', { name: 'Approve Report 3' }));
  await user.click(
    await screen.findByRole('button', { name: 'Request reports:approve and retry' }),
  );
  expect(signIn).toHaveBeenCalledWith({
    returnTo: '/reports',
    repeat: { method: 'POST', path: '/reports/3/approve' },
    scopes: ['reports:approve'],
  });
});

test('after the sign-in for it, the approval is sent once, and a second refusal ends it', async () => {
  vi.spyOn(Session.prototype, 'takeRepeat')
    .mockReturnValueOnce({ method: 'POST', path: '/reports/3/approve', repeated: true })
    .mockReturnValue(null);
  const challenge = 'Bearer error="insufficient_scope", scope="reports:approve"';
  const { asked } = await openReports(({ method }, response) => {
    if (method === 'GET') listed(response);
    else
      response
        .writeHead(403, { 'WWW-Authenticate': challenge })
        .end('{"error": "Forbidden", "code": "insufficient_scope"}');
  });
  expect(await screen.findByText('Still refused after signing in')).toBeVisible();
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('a list that is still refused after the sign-in for it blames the policy', async () => {
  vi.spyOn(Session.prototype, 'takeRepeat')
    .mockReturnValueOnce({ method: 'GET', path: '/reports', repeated: true })
    .mockReturnValue(null);
  const challenge = 'Bearer error="insufficient_scope", scope="reports:read"';
  await openReports((_, response) =>
    response
      .writeHead(403, { 'WWW-Authenticate': challenge })
      .end('{"error": "Forbidden", "code": "insufficient_scope"}'),
  );
  expect(await screen.findByText('Still refused after signing in')).toBeVisible();
});

test('more reports are loaded a page at a time', async () => {
  const { user, asked } = await openReports(({ url }, response) => {
    const next = url.includes('cursor') ? null : 9;
    const id = next === null ? 1 : 9;
    response.end(JSON.stringify({ reports: [report(id)], next }));
  });
  await user.click(await screen.findByRole('button', { name: 'Show more' }));
  expect(await screen.findByRole('row', { name: /Report 1/ })).toBeVisible();
  expect(screen.getByRole('row', { name: /Report 9/ })).toBeVisible();
  expect(asked.at(-1)?.url).toBe('/reports?cursor=9');
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
});

test('no reports are an empty state', async () => {
  await openReports((_, response) => response.end('{"reports": [], "next": null}'));
  expect(await screen.findByText('There are no reports yet.')).toBeVisible();
});

test('an API that cannot be used is named, and a retry loads the list', async () => {
  let requests = 0;
  const { user } = await openReports((_, response) => {
    requests += 1;
    if (requests === 1)
      response.writeHead(503, { 'Retry-After': '2' }).end('{"code": "database_unavailable"}');
    else listed(response);
  });
  expect(await screen.findByRole('alert')).toHaveTextContent('The database is not available');
  expect(screen.getByRole('alert')).toHaveTextContent('Try again in 2 seconds.');
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('table', { name: 'Reports' })).toBeVisible();
});

test('without the scope to create, the page requests it', async () => {
  const { user, signIn } = await openReports((_, response) => listed(response), ['reports:read']);
  await user.click(await screen.findByRole('button', { name: 'Request reports:write to create' }));
  expect(signIn).toHaveBeenCalledWith({ returnTo: '/reports', scopes: ['reports:write'] });
  expect(screen.queryByRole('button', { name: /Delete/ })).toBeNull();
});

test('a report is deleted after a confirmation, and not without', async () => {
  const { user, asked } = await openReports(({ method }, response) => {
    if (method === 'GET') listed(response);
    else response.writeHead(204).end();
  });
  await user.click(await screen.findByRole('button', { name: 'Delete Report 2' }));
  await user.click(await screen.findByRole('button', { name: 'Cancel' }));
  expect(screen.queryByRole('alertdialog')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Delete Report 2' }));
  await user.click(await screen.findByRole('button', { name: 'Delete' }));
  expect((await screen.findAllByText('“Report 2” is deleted.'))[0]).toBeVisible();
  expect(asked.filter(({ method }) => method === 'DELETE')).toMatchObject([{ url: '/reports/2' }]);
});

test('a report that cannot be deleted says why', async () => {
  const { user } = await openReports(({ method }, response) => {
    if (method === 'GET') listed(response);
    else response.writeHead(409).end('{"detail": "x", "code": "already_approved"}');
  });
  await user.click(await screen.findByRole('button', { name: 'Delete Report 2' }));
  await user.click(await screen.findByRole('button', { name: 'Delete' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('This report is approved already');
});

async function fillForm(user: Awaited<ReturnType<typeof openReports>>['user'], amount = '48.2') {
  await user.click(await screen.findByRole('button', { name: 'New report' }));
  await user.type(await screen.findByLabelText('Title'), 'Train');
  await user.type(screen.getByLabelText('Amount'), amount);
  await user.click(screen.getByRole('button', { name: 'Submit' }));
}

test('a mistake is found before anything is sent', async () => {
  const { user, asked } = await openReports((_, response) => listed(response));
  await fillForm(user, '0');
  expect(await screen.findByText('Enter an amount above 0.')).toBeVisible();
  expect(screen.getByLabelText('Amount')).toBeInvalid();
  expect(asked.every(({ method }) => method === 'GET')).toBe(true);
});

test('a new report is sent with a key, and the list is loaded again', async () => {
  const { user, asked } = await openReports(({ method }, response) => {
    if (method === 'GET') listed(response);
    else response.writeHead(201).end(JSON.stringify(report(4, { title: 'Train' })));
  });
  await fillForm(user);
  expect((await screen.findAllByText('“Train” is submitted.'))[0]).toBeVisible();
  expect(screen.queryByRole('dialog')).toBeNull();
  const [sent] = asked.filter(({ method }) => method === 'POST');
  expect(JSON.parse(sent?.body ?? '')).toEqual({ title: 'Train', amount: '48.2', currency: 'EUR' });
  expect(sent?.key).toMatch(/^[0-9a-f-]{36}$/);
});

test('what the API does not accept is said at its field', async () => {
  const detail = [{ loc: ['body', 'currency'], msg: 'Not a currency', type: 'value_error' }];
  const { user } = await openReports(({ method }, response) => {
    if (method === 'GET') listed(response);
    else response.writeHead(422).end(JSON.stringify({ detail }));
  });
  await fillForm(user);
  expect(await screen.findByText('Not a currency')).toBeVisible();
  expect(screen.getByLabelText('Currency')).toHaveAccessibleDescription('Not a currency');
});

test('a form that cannot be sent says why, and can be sent again with the same key', async () => {
  let posts = 0;
  const { user, asked } = await openReports(({ method }, response) => {
    if (method === 'GET') listed(response);
    else if ((posts += 1) === 1) response.writeHead(500).end('oops');
    else response.writeHead(201).end(JSON.stringify(report(4)));
  });
  await fillForm(user);
  await user.click(await screen.findByRole('button', { name: 'Try again' }));
  expect((await screen.findAllByText('“Report 4” is submitted.'))[0]).toBeVisible();
  const keys = asked.filter(({ method }) => method === 'POST').map(({ key }) => key);
  expect(keys[0]).toBe(keys[1]);
});

test('another body gets another key', () => {
  const keyFor = keyMaker();
  expect(keyFor({ a: 1 })).toBe(keyFor({ a: 1 }));
  expect(keyFor({ a: 2 })).not.toBe(keyFor({ a: 1 }));
});
