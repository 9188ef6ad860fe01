import { screen, within } from '@testing-library/react';
import type { RequestListener } from 'node:http';
import { expect, test, vi } from 'vitest';
import { expectOutcome, openConsole } from './testing';
import { nowhere } from '../testing/server';

function refuse(status: number, body: object, challenge?: string): RequestListener {
  return (_, response) =>
    response
      .writeHead(status, challenge ? { 'WWW-Authenticate': challenge } : {})
      .end(JSON.stringify(body));
}

const CHECKS = [
  { name: 'iss', result: 'passed', expected: 'a', got: 'a', source: 'token.py:1' },
  { name: 'exp', result: 'passed', expected: 'after 1', got: '2', source: '' },
  {
    name: 'scope',
    result: 'failed',
    expected: 'reports:read',
    got: 'openid',
    source: 'reports.py:31',
  },
  { name: 'active', result: 'not_reached', expected: '', got: '', source: 'RFC 7662' },
];

test('a missing scope is requested, and the request is repeated after it', async () => {
  const challenge = 'Bearer error="insufficient_scope", scope="a:read b"';
  const body = { error: 'Forbidden', code: 'insufficient_scope' };
  const { call, user, signIn } = await openConsole(refuse(403, body, challenge));
  await call('GET', '/reports');
  await expectOutcome('The scope a:read b is missing');
  expect(screen.getByText('a:read b').tagName).toBe('MARK');
  expect(screen.getByText(/This API does not list its checks/)).toHaveTextContent('scope');
  await user.click(screen.getByRole('button', { name: 'Request a:read b and retry' }));
  expect(signIn).toHaveBeenCalledExactlyOnceWith({
    returnTo: '/console?method=GET&path=%2Freports',
    repeat: { method: 'GET', path: '/reports' },
    scopes: ['a:read', 'b'],
  });
});

test('a step-up challenge requests exactly what it names', async () => {
  const challenge =
    'Bearer error="insufficient_user_authentication", acr_values="urn:okta:loa:2fa:any", max_age="300"';
  const body = { error: 'no', code: 'sign_in_too_weak' };
  const { call, user, signIn } = await openConsole(refuse(401, body, challenge));
  await call('GET', '/payslip');
  await expectOutcome('A stronger sign-in is required');
  await user.click(screen.getByRole('button', { name: 'Confirm it is you and retry' }));
  expect(signIn.mock.calls[0]?.[0]).toMatchObject({
    acrValues: 'urn:okta:loa:2fa:any',
    maxAge: 300,
  });
});

test('a missing group is named, as the document of the API has it', async () => {
  const { call } = await openConsole(refuse(403, { error: 'Forbidden', code: 'forbidden' }));
  await call('POST', '/reports/{id}/approve');
  await expectOutcome('This is for the group Admins', 'Continue as someone else');
});

test('the checks of the API are shown in its order, the failed one first', async () => {
  const body = { error: 'Forbidden', code: 'insufficient_scope', checks: CHECKS };
  const { call } = await openConsole(refuse(403, body));
  await call('GET', '/reports');
  const pipeline = within(await screen.findByRole('region', { name: 'What the API checked' }));
  const marks = pipeline.getAllByRole('img', { hidden: true });
  expect(marks.map((mark) => mark.getAttribute('aria-label'))).toEqual([
    'failed',
    'passed',
    'passed',
  ]);
  expect(pipeline.getByText(/^Not reached/)).toHaveTextContent(/^Not reached: \w+$/);
  expect(pipeline.getByText('2 checks passed before it')).toBeVisible();
  expect(pipeline.getByText('reports.py:31')).toBeVisible();
  expect(screen.getByRole('tabpanel')).toHaveTextContent('"checks": "4 checks, shown above"');
  expect(screen.queryByText(/does not list its checks/)).toBeNull();
});

test('of an accepted request, the API is asked what it checked', async () => {
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    if (request.url !== '/checks') {
      response.end('{}');
      return;
    }
    request.on('data', (chunk: Buffer) => asked.push(chunk.toString()));
    request.on('end', () => response.end(JSON.stringify({ checks: CHECKS.slice(0, 1) })));
  };
  const { call } = await openConsole(listener, { explains: true });
  await call('GET', '/me');
  expect(await screen.findByText('1 check passed')).toBeVisible();
  expect(asked.map((body) => JSON.parse(body) as object)).toEqual([{ method: 'GET', path: '/me' }]);
});

test('an API that explains nothing is asked once', async () => {
  let asked = 0;
  const { call } = await openConsole(
    (request, response) => {
      if (request.url === '/checks') asked += 1;
      response.writeHead(request.url === '/checks' ? 404 : 200).end('{}');
    },
    { explains: true },
  );
  for (const path of ['/me', '/hello/{name}']) {
    await call('GET', path);
    await expectOutcome('Success', path.replace('{name}', 'world'));
  }
  expect(asked).toBe(1);
});

test('checks that cannot be had are left out', async () => {
  const listener: RequestListener = (request, response) => {
    response.end(request.url === '/checks' ? 'oops' : '{}');
  };
  const { call } = await openConsole(listener, { explains: true });
  await call('GET', '/me');
  await expectOutcome('Success');
  expect(screen.queryByRole('region', { name: 'What the API checked' })).toBeNull();
});

test.each<[string, number, object, string, string, string | null]>([
  ['no code', 401, {}, 'The API rejected your token', 'new token', 'Sign in again'],
  ['403 of a route', 403, { detail: 'Not on Sundays' }, 'Access denied', 'Not on Sundays', null],
  ['403 of something else', 403, {}, 'Access denied', 'not for this', null],
  ['no such route', 404, { detail: 'Not Found' }, 'Not found', 'no such route', null],
  [
    'no such item',
    404,
    { detail: 'No report has this id' },
    'Not found',
    'No report has this id.',
    null,
  ],
  ['409', 409, { detail: 'Too late' }, 'This conflicts', 'Too late.', null],
  ['409 without words', 409, {}, 'This conflicts', 'Load it again.', null],
  [
    '422',
    422,
    { detail: [{ loc: ['path', 'id'], msg: 'Input should be a valid integer' }, null] },
    'does not accept these values',
    'id: Input should be a valid integer.',
    null,
  ],
  ['422 in words', 422, { detail: 'The key has another body' }, 'does not accept', 'body.', null],
  ['500', 500, {}, 'The API returned an error', 'Its status is 500.', 'Try again'],
  ['503', 503, {}, 'The API is not available', 'in a moment', 'Try again'],
])('%s is explained', async (_, status, body, title, text, button) => {
  const { call } = await openConsole(refuse(status, body));
  await call('GET', '/me');
  await expectOutcome(String(status), title, text);
  const buttons = within(screen.getByRole('region', { name: 'Result' }))
    .queryAllByRole('button')
    .map(({ textContent }) => textContent);
  expect(buttons).toEqual(button === null ? [] : [button]);
});

test.each([
  ['7', 'Try again in 7 seconds.'],
  ['1', 'Try again in 1 second.'],
  ['Wed, 21 Oct 2026 07:28:00 GMT', 'Try again in a moment.'],
])('an outage says when to try again: %s', async (retryAfter, text) => {
  const { call } = await openConsole((_, response) =>
    response.writeHead(503, { 'Retry-After': retryAfter }).end('{"code": "keys_unavailable"}'),
  );
  await call('GET', '/me');
  await expectOutcome('The API has no signing keys', text);
});

test('an API that is down is named, and a retry is one button away', async () => {
  const { user } = await openConsole(await nowhere());
  await user.click(screen.getByRole('button', { name: 'Send' }));
  await expectOutcome('The API cannot be reached', 'VITE_API_URL');
  expect(screen.getByRole('tabpanel')).toHaveTextContent('There is no response.');
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(screen.getByRole('region', { name: 'Result' })).toHaveFocus();
});

test('an API that fails for this origin alone is named', async () => {
  const { call } = await openConsole((request, response) => {
    if (request.url === '/healthz') response.end();
    else request.socket.destroy();
  });
  await call('GET', '/me');
  await expectOutcome('The API does not allow this origin', 'CORS_ORIGINS');
});

test('without a network, the result says so', async () => {
  const { user } = await openConsole('https://api.invalid');
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  await user.click(screen.getByRole('button', { name: 'Send' }));
  await expectOutcome('You are offline');
});

test('an API that does not respond in time is named', async () => {
  const { call } = await openConsole(() => undefined);
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.timeout(50));
  await call('GET', '/me');
  await expectOutcome('The API did not respond in time');
});
