import { screen, waitFor } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { renderApp, storeTokens } from '../testing/app';
import { closeText } from './Live';

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
