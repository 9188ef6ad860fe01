import type { Page, Route } from '@playwright/test';
import { API, API_SETTINGS, ISSUER, PYTHON, REPOSITORY } from './environment.ts';
import { start } from './processes.ts';
import { call, openConsole, outcome, send, shown, signIn, storedTokens } from './steps.ts';
import { expect, test } from './test.ts';

test('a forged token is refused, and after a new sign-in the request is repeated', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(/401 .* at http:\/\/localhost:8000\/me/);
  await openConsole(page);
  await page.evaluate(() => {
    const key = 'okta-tokens';
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
  await expect(outcome(page)).toContainText('The signature is not valid');
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await expect(outcome(page)).toContainText('200Success');
  await expect(shown(page)).toContainText('ada@example.com');
});

test('an expired token is refused as expired', async ({ page, switchOkta, expectTrouble }) => {
  expectTrouble(/401 .* at http:\/\/localhost:8000\/me/);
  // Issued by a clock that is behind, the token has expired although the browser does not know.
  await switchOkta('skew?seconds=-200');
  await switchOkta('token-lifetime?seconds=150');
  await openConsole(page);
  await call(page, '/me');
  await expect(outcome(page)).toContainText('Your token has expired');
  await switchOkta('reset');
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await expect(outcome(page)).toContainText('200Success');
});

test('another origin cannot read the API, and its page says why', async ({
  page,
  context,
  expectTrouble,
}) => {
  // What the console reads when it opens.
  expectTrouble(/'http:\/\/localhost:(8000\/openapi\.json|9000\/local)' from origin .* by CORS/);
  expectTrouble(/Access to fetch at 'http:\/\/localhost:8000\/me' from origin .* by CORS policy/);
  expectTrouble(/ERR_FAILED/);
  const other = 'http://127.0.0.1:3001';
  const stop = await start(['e2e/nginx.sh', '3001'], other);
  try {
    await openConsole(page);
    const tokens = JSON.stringify(await storedTokens(page));
    const foreign = await context.newPage();
    await foreign.goto(`${other}/nowhere`);
    await foreign.evaluate((value) => {
      sessionStorage.setItem('okta-tokens', value);
    }, tokens);
    await foreign.goto(`${other}/console`);
    await foreign.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(outcome(foreign)).toContainText('The API does not allow this origin');
    await expect(outcome(foreign)).toContainText(`Add ${other} to the API’s CORS_ORIGINS.`);
    await expect(shown(foreign)).toContainText('There is no response.');
    await call(page, '/me');
    await expect(outcome(page)).toContainText('200');
  } finally {
    await stop();
  }
});

test.describe('with another API', () => {
  // The built app's policy names only the API on port 8000.
  test.use({ bypassCSP: true });
  const api = 'http://localhost:8002';

  test.beforeEach(async ({ page }) => {
    await useApi(page, api);
  });

  test('an offline browser is named, and a retry works once it is back', async ({
    page,
    context,
    expectTrouble,
  }) => {
    expectTrouble(/net::ERR_INTERNET_DISCONNECTED/);
    const remote = 'https://api.invalid';
    const forward = async (route: Route) => {
      const url = route.request().url().replace(remote, API);
      await route.fulfill({ response: await route.fetch({ url }) });
    };
    await useApi(page, remote);
    await page.route(`${remote}/**`, forward);
    await openConsole(page);
    await page.unroute(`${remote}/**`);
    await context.setOffline(true);
    await call(page, '/me');
    await expect(outcome(page)).toContainText('You are offline');
    await context.setOffline(false);
    await page.route(`${remote}/**`, forward);
    await page.getByRole('button', { name: 'Try again' }).press('Enter');
    await expect(outcome(page)).toContainText('200Success');
    await expect(page.getByRole('region', { name: 'Result' })).toBeFocused();
  });

  test('an API that is down is named, and a retry works', async ({ page, expectTrouble }) => {
    expectTrouble(/ERR_CONNECTION_REFUSED/);
    await signIn(page);
    await page.getByRole('link', { name: 'Console', exact: true }).click();
    await send(page);
    await expect(outcome(page)).toContainText('The API cannot be reached');
    await expect(outcome(page)).toContainText(`No response from ${api}`);
    const stop = await startApi({});
    try {
      await expect.poll(async () => (await fetch(`${api}/readyz`)).status).toBe(200);
      await page.getByRole('button', { name: 'Try again' }).click();
      await expect(outcome(page)).toContainText('200Success');
    } finally {
      await stop();
    }
  });

  test('an API without signing keys says when to try again', async ({ page, expectTrouble }) => {
    expectTrouble(/503 .* at http:\/\/localhost:8002\//);
    // Nothing listens there, so the API never gets its keys.
    const stop = await startApi({ OKTA_JWKS_URI: 'http://localhost:9001/keys' });
    try {
      await page.goto('/');
      await expect(page.getByText('no signing keys')).toBeVisible();
      await openConsole(page);
      await call(page, '/me');
      await expect(outcome(page)).toContainText('The API has no signing keys');
      await expect(outcome(page)).toContainText(/Try again in \d+ seconds?\./);
      await expect(shown(page)).toContainText(/x-request-id: [0-9a-f]{16}/);
      await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
    } finally {
      await stop();
    }
  });

  for (const [setting, value, words] of [
    ['OKTA_CLIENT_ID', '0oaanother', 'The API expects another client'],
    ['OKTA_ISSUER', 'http://localhost:9000/oauth2/another', 'The API expects another issuer'],
    ['OKTA_AUDIENCE', 'api://another', 'The API expects another audience'],
  ] as const)
    test(`an API with another ${setting} is named`, async ({ page, expectTrouble }) => {
      expectTrouble(/401 .* at http:\/\/localhost:8002\/me/);
      const stop = await startApi({ [setting]: value, OKTA_JWKS_URI: `${ISSUER}/v1/keys` });
      try {
        await openConsole(page);
        await call(page, '/me');
        await expect(outcome(page)).toContainText(words);
        await expect(outcome(page)).toContainText(setting);
        // No click helps against a setting, so none is offered.
        await expect(page.getByRole('button', { name: /again/ })).toHaveCount(0);
      } finally {
        await stop();
      }
    });

  async function startApi(settings: Record<string, string>) {
    const command = [PYTHON, '-m', 'uvicorn', 'backend.main:app', '--port', '8002'];
    const env = { ...API_SETTINGS, ...settings };
    return start(command, `${api}/healthz`, { cwd: REPOSITORY, env });
  }
});

/** Let the app call the API at `apiUrl`. */
async function useApi(page: Page, apiUrl: string) {
  const body = `window.__CONFIG__ = ${JSON.stringify({ apiUrl, console: true })};`;
  await page.route('**/config.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body }),
  );
}
