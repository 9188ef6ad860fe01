import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Session } from '../session/session';
import { outcome, renderPanel, TOKEN } from './panelForTests';

const signIn = vi.fn<Session['signIn']>();
let server: Server;
let apiUrl: string;
let answer: RequestListener;

beforeEach(async () => {
  Element.prototype.scrollIntoView = () => undefined;
  signIn.mockReset();
  server = createServer((request, response) => {
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  sessionStorage.clear();
  vi.restoreAllMocks();
});

test('nothing called yet', () => {
  renderPanel(apiUrl, signIn);
  expect(outcome()).toHaveTextContent('No call yet');
});

test('under way, then answered, with request and answer and without the token', async () => {
  const held: (() => void)[] = [];
  answer = (request, response) => {
    const { authorization } = request.headers;
    held.push(() =>
      response.end(JSON.stringify({ path: request.url, given: authorization?.length })),
    );
  };
  const user = renderPanel(apiUrl, signIn);
  await user.click(screen.getByRole('button', { name: 'Call /me' }));
  expect(outcome()).toHaveTextContent(`Calling ${apiUrl}/me`);
  await waitFor(() => {
    expect(held).toHaveLength(1);
  });
  held[0]?.();
  await waitFor(() => {
    expect(outcome()).toHaveTextContent('200 The API answered');
  });
  expect(screen.getByText(/"path": "\/me"/)).toHaveTextContent(
    `"given": ${`Bearer ${TOKEN}`.length}`,
  );
  expect(document.body).not.toHaveTextContent(TOKEN);
});

test('a name is escaped on its way into the path', async () => {
  answer = (request, response) => response.end(JSON.stringify({ path: request.url }));
  const user = renderPanel(apiUrl, signIn);
  await user.clear(screen.getByLabelText('Name'));
  await user.type(screen.getByLabelText('Name'), 'Zoë & co?{Enter}');
  expect(await screen.findByText(/"path": "\/hello\/Zo%C3%AB%20%26%20co%3F"/)).toBeVisible();
});

test.each([
  [
    401,
    {
      'WWW-Authenticate':
        'Bearer realm="api", error="invalid_token", error_description="token has expired"',
    },
    'Your token has expired',
    'Sign in again',
  ],
  [
    401,
    {
      'WWW-Authenticate':
        'Bearer realm="api", error="invalid_token", error_description="signature is not valid"',
    },
    'Its reason: signature is not valid.',
    'Sign in again',
  ],
  [401, {}, 'The API refused your token', 'Sign in again'],
  [
    403,
    { 'WWW-Authenticate': 'Bearer realm="api", error="insufficient_scope"' },
    'You may not use this route',
    null,
  ],
  [503, { 'Retry-After': '7' }, 'Try again in 7 seconds.', 'Try again'],
  [503, { 'Retry-After': '1' }, 'Try again in 1 second.', 'Try again'],
  [503, {}, 'Try again in a moment.', 'Try again'],
  [404, {}, 'There is nothing at this address', null],
  [500, {}, 'It answered with status 500.', 'Try again'],
])('%d with %o', async (status, headers, words, button) => {
  answer = (_, response) => response.writeHead(status, headers).end('{"error": "told"}');
  const user = renderPanel(apiUrl, signIn);
  await user.click(screen.getByRole('button', { name: 'Call /' }));
  await waitFor(() => {
    expect(outcome()).toHaveTextContent(words);
  });
  expect(screen.getByText(/"error": "told"/)).toBeVisible();
  const offered = ['Sign in again', 'Try again'].filter((name) =>
    screen.queryByRole('button', { name }),
  );
  expect(offered).toEqual(button === null ? [] : [button]);
});

test.each([
  [500, 'The API could not do it'],
  [503, 'The API cannot check tokens now'],
])('%d is told with the id of the request in the log', async (status, title) => {
  answer = (_, response) => response.writeHead(status, { 'X-Request-ID': '3f0c19aa' }).end();
  const user = renderPanel(apiUrl, signIn);
  await user.click(screen.getByRole('button', { name: 'Call /' }));
  await waitFor(() => {
    expect(outcome()).toHaveTextContent(title);
  });
  expect(outcome()).toHaveTextContent("The API's log has this as request 3f0c19aa.");
});

test('a missing scope is named and asked for', async () => {
  answer = (_, response) =>
    response
      .writeHead(403, { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="a:read b"' })
      .end();
  const user = renderPanel(apiUrl, signIn);
  await user.click(screen.getByRole('button', { name: 'Call /reports' }));
  await user.click(await screen.findByRole('button', { name: 'Sign in and ask for a:read b' }));
  expect(signIn).toHaveBeenCalledExactlyOnceWith('/', ['a:read', 'b']);
});

test('an API that is down is told; a new try is one button away', async () => {
  server.close();
  const user = renderPanel(apiUrl, signIn);
  await user.click(screen.getByRole('button', { name: 'Call /' }));
  await waitFor(() => {
    expect(outcome()).toHaveTextContent('The API cannot be reached');
  });
  expect(outcome()).toHaveTextContent(`allow the origin ${window.location.origin}`);
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(document.activeElement).toContainElement(outcome());
  expect(document.body).not.toHaveFocus();
});

test('an API that does not answer in time is told', async () => {
  const short = AbortSignal.timeout(50);
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(short);
  answer = () => undefined;
  const user = renderPanel(apiUrl, signIn);
  await user.click(screen.getByRole('button', { name: 'Call /' }));
  await waitFor(() => {
    expect(outcome()).toHaveTextContent('The API takes too long');
  });
});

test('an answer that is no JSON is shown as it is', async () => {
  answer = (_, response) => response.end('<p>Gateway</p>');
  const user = renderPanel(apiUrl, signIn);
  await user.click(screen.getByRole('button', { name: 'Call /' }));
  expect(await screen.findByText(/<p>Gateway<\/p>/)).toBeVisible();
});

test('the answer to a former call does not replace that of a later one', async () => {
  let former: (() => void) | undefined;
  answer = (request, response) => {
    if (request.url === '/') former = () => response.end('former');
    else response.end('later');
  };
  const user = renderPanel(apiUrl, signIn);
  await user.click(screen.getByRole('button', { name: 'Call /' }));
  await waitFor(() => {
    expect(former).toBeDefined();
  });
  await user.click(screen.getByRole('button', { name: 'Call /me' }));
  expect(await screen.findByText(/later/)).toBeVisible();
  former?.();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(screen.queryByText(/former/)).toBeNull();
});

test('without a token nothing is called', async () => {
  answer = () => {
    throw new Error('called');
  };
  const user = renderPanel(apiUrl, signIn, null);
  await user.click(screen.getByRole('button', { name: 'Call /' }));
  await waitFor(() => {
    expect(outcome()).toHaveTextContent('Your session has ended');
  });
});
