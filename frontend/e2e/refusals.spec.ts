import { API_SETTINGS, ISSUER, PYTHON, REPOSITORY } from './environment.ts';
import { start } from './processes.ts';
import { call, outcome, shown, signIn, storedTokens } from './steps.ts';
import { expect, test } from './test.ts';

test('a forged token is refused and told, and a new sign-in mends it', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(/401 .* at http:\/\/localhost:8000\/me/);
  await signIn(page);
  await page.evaluate(() => {
    const key = 'okta-token-storage';
    const tokens = JSON.parse(sessionStorage.getItem(key) ?? '') as {
      accessToken: { accessToken: string };
    };
    const [header, payload = '', signature] = tokens.accessToken.accessToken.split('.');
    const claims = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    const forged = btoa(claims.replaceAll('ada@', 'eve@')).replaceAll('+', '-');
    const encoded = forged.replaceAll('/', '_').replaceAll('=', '');
    tokens.accessToken.accessToken = [header, encoded, signature].join('.');
    sessionStorage.setItem(key, JSON.stringify(tokens));
  });
  await call(page, '/me');
  await expect(outcome(page)).toContainText('401 The API refused your token');
  await expect(outcome(page)).toContainText('signature is not valid');
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await expect(outcome(page)).toHaveText('No call yet. Choose a route above.');
  await call(page, '/me');
  await expect(shown(page, 'Answer')).toContainText('ada@example.com');
});

test('an expired token is refused and told as expired', async ({
  page,
  switchOkta,
  expectTrouble,
}) => {
  expectTrouble(/401 .* at http:\/\/localhost:8000\/me/);
  // Issued by a clock that is behind, the token has ended although the browser counts on it.
  await switchOkta('skew?seconds=-200');
  await switchOkta('token-lifetime?seconds=150');
  await signIn(page);
  await call(page, '/me');
  await expect(outcome(page)).toContainText('401 Your token has expired');
  await switchOkta('reset');
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await expect(outcome(page)).toHaveText('No call yet. Choose a route above.');
  await call(page, '/me');
  await expect(outcome(page)).toContainText('200');
});

test('another origin cannot read the API, even with a good token', async ({
  page,
  context,
  expectTrouble,
}) => {
  expectTrouble(/Access to fetch at 'http:\/\/localhost:8000\/me' from origin .* by CORS policy/);
  expectTrouble(/ERR_FAILED/);
  const other = 'http://127.0.0.1:3001';
  const stop = await start(
    ['node_modules/.bin/vite', 'preview', '--host', '127.0.0.1', '--port', '3001'],
    other,
  );
  try {
    await signIn(page);
    const tokens = JSON.stringify(await storedTokens(page));
    const foreign = await context.newPage();
    await foreign.goto(other);
    await foreign.evaluate((value) => {
      sessionStorage.setItem('okta-token-storage', value);
    }, tokens);
    await foreign.reload();
    await call(foreign, '/me');
    await expect(outcome(foreign)).toContainText('The API cannot be reached');
    await expect(outcome(foreign)).toContainText(`allow the origin ${other} (CORS)`);
    await expect(shown(foreign, 'Answer')).toHaveCount(0);
    await call(page, '/me');
    await expect(outcome(page)).toContainText('200');
  } finally {
    await stop();
  }
});

test('a browser that is offline is told, and a new try works once it is back', async ({
  page,
  context,
  expectTrouble,
}) => {
  expectTrouble(/net::ERR_INTERNET_DISCONNECTED/);
  await signIn(page);
  await context.setOffline(true);
  await call(page, '/me');
  await expect(outcome(page)).toContainText('The API cannot be reached');
  await expect(outcome(page)).toContainText('is your network up');
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).press('Enter');
  await expect(outcome(page)).toContainText('200 The API answered');
  await expect(page.locator('.result')).toBeFocused();
});

test.describe('with another API', () => {
  // The built app's policy names the API on port 8000 alone.
  test.use({ bypassCSP: true });

  test('an API that is down is told, and a new try works', async ({ page, expectTrouble }) => {
    expectTrouble(/ERR_CONNECTION_REFUSED/);
    const api = 'http://localhost:8002';
    await page.route('**/config.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: config(api) }),
    );
    await signIn(page);
    await call(page, '/');
    await expect(outcome(page)).toContainText('The API cannot be reached');
    const stop = await start(uvicorn('8002'), `${api}/readyz`, {
      cwd: REPOSITORY,
      env: API_SETTINGS,
    });
    try {
      await expect.poll(async () => (await fetch(`${api}/readyz`)).status).toBe(200);
      await page.getByRole('button', { name: 'Try again' }).click();
      await expect(outcome(page)).toContainText('200 The API answered');
    } finally {
      await stop();
    }
  });

  test('an API without signing keys says when to try again', async ({ page, expectTrouble }) => {
    expectTrouble(/503 .* at http:\/\/localhost:8002\//);
    const api = 'http://localhost:8002';
    const stop = await start(uvicorn('8002'), `${api}/healthz`, {
      cwd: REPOSITORY,
      // Nothing listens there, so the API never gets its keys.
      env: { ...API_SETTINGS, OKTA_JWKS_URI: 'http://localhost:9001/keys' },
    });
    try {
      await page.route('**/config.js', (route) =>
        route.fulfill({ contentType: 'text/javascript', body: config(api) }),
      );
      await signIn(page);
      await call(page, '/');
      await expect(outcome(page)).toContainText('503 The API cannot check tokens now');
      await expect(outcome(page)).toContainText(/Try again in \d+ seconds?\./);
      await expect(outcome(page)).toContainText(/The API's log has this as request [0-9a-f]{16}\./);
      await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
    } finally {
      await stop();
    }
  });
});

function uvicorn(port: string): string[] {
  return [PYTHON, '-m', 'uvicorn', 'backend.main:app', '--port', port];
}

function config(apiUrl: string): string {
  return `window.__CONFIG__ = ${JSON.stringify({ apiUrl, issuer: ISSUER })};`;
}
