import { spawn } from 'node:child_process';
import { expect } from '@playwright/test';

export interface Program {
  stop: () => Promise<void>;
  /** Let it hang: it keeps its port, and does nothing until it is stopped. */
  freeze: () => void;
}

/** Start a program and wait until it responds at `url`. */
export async function start(
  [program = '', ...args]: string[],
  url: string,
  { cwd = '.', env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Program> {
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
  const signal = (name: NodeJS.Signals) => {
    const running = child.exitCode === null && child.signalCode === null;
    if (child.pid !== undefined && running) process.kill(-child.pid, name);
  };
  return {
    stop: async () => {
      signal('SIGTERM');
      signal('SIGCONT');
      await ended;
    },
    freeze: () => {
      signal('SIGSTOP');
    },
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
