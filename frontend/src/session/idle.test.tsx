import { act, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { renderApp, storeTokens } from '../testing/app';

afterEach(() => {
  vi.useRealTimers();
});

/** Open the start page as Alex, and let minutes pass. */
async function openWithIdleMinutes(idleMinutes: number) {
  storeTokens();
  const app = renderApp('/', { idleMinutes });
  await screen.findByRole('button', { name: 'Account: Alex Kim' });
  const signOut = vi.spyOn(app.session, 'signOut').mockResolvedValue();
  const start = Date.now();
  const pass = async (seconds: number) => {
    vi.spyOn(Date, 'now').mockReturnValue(start + seconds * 1000);
    // The app looks once a second.
    await act(() => new Promise((resolve) => setTimeout(resolve, 1100)));
  };
  return { ...app, signOut, pass };
}

test('somebody who does nothing is warned, then signed out with the reason', async () => {
  const { signOut, pass } = await openWithIdleMinutes(5);
  await pass(200);
  expect(screen.queryByRole('alertdialog')).toBeNull();
  await pass(250);
  expect(await screen.findByRole('alertdialog')).toHaveTextContent(/signs you out in \d+ seconds/);
  await pass(301);
  expect(signOut).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ text: 'Nobody used this app for 5 minutes.', expected: true }),
  );
});

test('whoever is still there stays signed in', async () => {
  const { user, signOut, pass } = await openWithIdleMinutes(5);
  await pass(250);
  await user.click(await screen.findByRole('button', { name: 'Stay signed in' }));
  await pass(301);
  expect(screen.queryByRole('alertdialog')).toBeNull();
  expect(signOut).not.toHaveBeenCalled();
});

test('the use of another tab counts', async () => {
  const { pass } = await openWithIdleMinutes(5);
  await pass(250);
  await screen.findByRole('alertdialog');
  const other = new BroadcastChannel('activity');
  other.postMessage(null);
  await pass(251);
  other.close();
  expect(screen.queryByRole('alertdialog')).toBeNull();
});

test('without the setting nobody is signed out', async () => {
  const { signOut, pass } = await openWithIdleMinutes(0);
  await pass(100_000);
  expect(signOut).not.toHaveBeenCalled();
});
