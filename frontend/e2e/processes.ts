import { spawn } from 'node:child_process';
import { expect } from '@playwright/test';

/** Start a program, wait until it responds at `url`, and return a function that stops it. */
export async function start(
  [program = '', ...args]: string[],
  url: string,
  { cwd = '.', env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<() => Promise<void>> {
  expect(await responds(url), `${url} is in use`).toBe(false);
  // A separate process group: a shell or launcher may not pass the signal on to its child.
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: 'ignore',
    detached: true,
  });
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  await expect.poll(() => responds(url), { timeout: 15_000 }).toBe(true);
  return async () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await ended;
  };
}

async function responds(url: string): Promise<boolean> {
  try {
    await fetch(url);
    return true;
  } catch {
    return false;
  }
}
