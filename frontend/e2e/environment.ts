import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlaywrightTestConfig } from '@playwright/test';

export const APP = 'http://localhost:3000';
export const API = 'http://localhost:8000';
export const OKTA = 'http://localhost:9000';
export const ISSUER = `${OKTA}/oauth2/default`;
export const PYTHON = '.venv/bin/python';
export const REPOSITORY = '..';

export const API_SETTINGS = {
  OKTA_ISSUER: ISSUER,
  OKTA_CLIENT_ID: '0oalocalspa,0oalocalservice',
  DPOP: 'allowed',
  INTROSPECTION_CLIENT_ID: '0oalocalapi',
  INTROSPECTION_CLIENT_SECRET: 'local-okta-api-not-a-secret',
  DATABASE_URL: `sqlite+aiosqlite:///${join(tmpdir(), `e2e-${process.ppid}.db`)}`,
  EXPLAIN_CHECKS: 'true',
  UNIVERSAL_LOGOUT_ISSUER: OKTA,
  LOG_LEVEL: 'WARNING',
  // Without leeway, what works after a token's end works by a new token.
  OKTA_LEEWAY: '0',
};

const asRoot = process.getuid?.() === 0;

/** Debian's Chromium, or the one that CHROMIUM names; nothing is downloaded. */
export const browser: NonNullable<PlaywrightTestConfig['use']> = {
  baseURL: APP,
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...(asRoot ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
    ],
  },
};

const gracefulShutdown = { signal: 'SIGTERM', timeout: 5000 } as const;

export const servers: NonNullable<PlaywrightTestConfig['webServer']> = [
  {
    name: 'local Okta',
    command: `${PYTHON} -m local_okta`,
    cwd: REPOSITORY,
    url: `${ISSUER}/v1/keys`,
    stderr: 'ignore',
    gracefulShutdown,
  },
  {
    name: 'API',
    command: `${PYTHON} -m backend.seed && exec ${PYTHON} -m uvicorn backend.main:app --port 8000`,
    cwd: REPOSITORY,
    url: `${API}/readyz`,
    env: API_SETTINGS,
    gracefulShutdown,
  },
  { name: 'app', command: 'e2e/nginx.sh 3000', url: APP, gracefulShutdown },
];
