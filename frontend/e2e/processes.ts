import { spawn } from 'node:child_process';
import { expect } from '@playwright/test';

/** Start a program, wait until it answers at `url`, and return what stops it. */
export async function start(
  [program = '', ...args]: string[],
  url: string,
  { cwd = '.', env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<() => Promise<void>> {
  expect(await answers(url), `${url} is in use`).toBe(false);
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  await expect.poll(() => answers(url), { timeout: 15_000 }).toBe(true);
  return async () => {
    child.kill('SIGTERM');
    await ended;
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url);
    return true;
  } catch {
    return false;
  }
}
