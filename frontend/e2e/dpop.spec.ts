import type { Page, Request } from '@playwright/test';
import { API, API_SETTINGS, ISSUER, PYTHON, REPOSITORY } from './environment.ts';
import { start } from './processes.ts';
import { call, openConsole, outcome, sendAs, shown, storedAccessToken } from './steps.ts';
import { expect, test } from './test.ts';

test.beforeEach(async ({ page, expectTrouble }) => {
  await configure(page, { dpop: true });
  // Okta asks for a nonce first.
  expectTrouble(/400 .*\/v1\/token/);
});

test('the token is bound to a key, and each request has a new proof', async ({ page }) => {
  const sent: Request[] = [];
  page.on('request', (request) => {
    if (request.url() === `${API}/me` && request.method() === 'GET') sent.push(request);
  });
  await openConsole(page);
  const { cnf } = decode(await storedAccessToken(page), 1) as { cnf: { jkt: string } };
  expect(cnf.jkt).toMatch(/^[\w-]{43}$/);
  for (let round = 0; round < 2; round++) {
    await call(page, '/me');
    await expect(outcome(page)).toContainText('200Success');
    await page.reload();
  }
  const proofs = await Promise.all(sent.map((request) => request.headerValue('dpop')));
  const claims = proofs.map((proof) => decode(proof ?? '', 1));
  expect(claims).toMatchObject(Array(2).fill({ htm: 'GET', htu: `${API}/me` }));
  expect(new Set(claims.map(({ jti }) => jti)).size).toBe(2);
  expect(decode(proofs[0] ?? '', 0)).toMatchObject({ typ: 'dpop+jwt', alg: 'RS256' });
  expect(await sent[0]?.headerValue('authorization')).toMatch(/^DPoP /);
});

test('a stolen token is worth nothing without its key', async ({ page, request }) => {
  await openConsole(page);
  const token = await storedAccessToken(page);
  const response = await request.get(`${API}/me`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  expect(response.status()).toBe(401);
  expect(response.headers()['www-authenticate']).toContain(
    'error_description="token is bound to a key and cannot be used as a bearer token"',
  );
});

for (const [label, reason] of [
  ['changed signature', 'The signature is not valid'],
  ['ID token', 'The API expects another audience'],
  ['replayed proof', 'The proof was used before'],
] as const)
  test(`with ${label}, the API refuses the token`, async ({ page, expectTrouble }) => {
    expectTrouble(/401 .* at http:\/\/localhost:8000\/me/);
    await openConsole(page);
    await sendAs(page, label);
    await call(page, '/me');
    await expect(outcome(page)).toContainText(`Reason: ${reason}.`);
    await expect(shown(page)).toContainText('www-authenticate: DPoP');
  });

test('a renewed token is bound to the same key', async ({ page, switchOkta }) => {
  // The SDK renews a token that expires within 30 seconds, when a call needs one.
  await switchOkta('token-lifetime?seconds=33');
  await openConsole(page);
  const first = await storedAccessToken(page);
  await expect(async () => {
    await call(page, '/me');
    expect(await storedAccessToken(page)).not.toBe(first);
  }).toPass();
  const second = await storedAccessToken(page);
  expect(decode(second, 1).cnf).toEqual(decode(first, 1).cnf);
  await call(page, '/me');
  await expect(outcome(page)).toContainText('200Success');
});

test('typed calls, scopes and userinfo work as with a bearer token', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(/403 .* at http:\/\/localhost:8000\/reports/);
  await openConsole(page);
  await page.getByRole('link', { name: 'Reports', exact: true }).click();
  await page.getByRole('button', { name: 'Request reports:read and retry' }).click();
  await expect(page.getByRole('table', { name: 'Reports' })).toBeVisible();
  await page.goto('/profile');
  await expect(page.getByRole('row', { name: 'email ada@example.com' })).toBeVisible();
});

test('the live page says that a browser cannot send a proof', async ({ page }) => {
  await openConsole(page);
  await page.getByRole('link', { name: 'Live' }).click();
  await expect(page.getByText('the API refuses the connection')).toBeVisible();
});

test.describe('with another API', () => {
  // The built app's policy names only the API on port 8000.
  test.use({ bypassCSP: true });
  const api = 'http://localhost:8002';

  test.beforeEach(async ({ page }) => {
    await configure(page, { dpop: true, apiUrl: api });
  });

  test('that asks for nonces, one request is repeated and the next has the nonce', async ({
    page,
    expectTrouble,
  }) => {
    expectTrouble(/401 .* at http:\/\/localhost:8002\/me/);
    const { stop } = await startApi({ DPOP: 'required', DPOP_NONCE_SECRETS: 'n'.repeat(32) });
    try {
      await openConsole(page);
      const statuses: number[] = [];
      page.on('response', (response) => {
        const calls = [`${api}/me`, `${api}/hello/world`].includes(response.url());
        if (calls && response.request().method() === 'GET') statuses.push(response.status());
      });
      for (const path of ['/me', '/hello/{name}']) {
        await call(page, path);
        await expect(outcome(page)).toContainText(
          new RegExp(`^200.*GET ${path.replace('{name}', 'world')} · `),
        );
      }
      expect(statuses).toEqual([401, 200, 200]);
    } finally {
      await stop();
    }
  });

  for (const [settings, words] of [
    [{ DPOP: 'off' }, 'The API does not accept this scheme'],
    [{ RESOURCE_URL: 'http://localhost:8000' }, 'The API has another URL'],
  ] as const)
    test(`with ${JSON.stringify(settings)}, the page says what to change`, async ({
      page,
      expectTrouble,
    }) => {
      expectTrouble(/401 .* at http:\/\/localhost:8002\/me/);
      const { stop } = await startApi(settings);
      try {
        await openConsole(page);
        await call(page, '/me');
        await expect(outcome(page)).toContainText(words);
      } finally {
        await stop();
      }
    });

  async function startApi(settings: Record<string, string>) {
    const command = [PYTHON, '-m', 'uvicorn', 'backend.main:app', '--port', '8002'];
    const env = { ...API_SETTINGS, RESOURCE_URL: api, ...settings };
    return start(command, `${api}/readyz`, { cwd: REPOSITORY, env });
  }
});

async function configure(page: Page, config: object) {
  const script = `window.__CONFIG__ = ${JSON.stringify({ issuer: ISSUER, console: true, ...config })};`;
  await page.route('**/config.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: script }),
  );
}

function decode(token: string, part: 0 | 1): Record<string, unknown> {
  const text = Buffer.from(token.split('.')[part] ?? '', 'base64url').toString();
  return JSON.parse(text) as Record<string, unknown>;
}
