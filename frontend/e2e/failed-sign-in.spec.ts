import { ISSUER } from './environment.ts';
import { start } from './processes.ts';
import { choose, signInButton, title } from './steps.ts';
import { expect, test } from './test.ts';

test('a sign-in that was never started', async ({ page }) => {
  await page.goto('/login/callback?code=stolen&state=forged');
  await expect(page.getByRole('alert')).toContainText('This sign-in cannot be completed');
  await page.getByText('Details').click();
  await expect(page.getByText(/^AuthSdkError/)).toBeVisible();
});

test('a scope that is not defined', async ({ page }) => {
  await page.goto('/');
  await page.route(`${ISSUER}/v1/authorize?*`, (route) =>
    route.continue({ url: route.request().url().replace('scope=openid', 'scope=nonsense') }),
  );
  await signInButton(page).click();
  await expect(page.getByRole('alert')).toContainText('a scope that is not defined');
  await page.getByRole('link', { name: 'Back to the start page' }).click();
  await expect(signInButton(page)).toBeVisible();
});

for (const [code, title] of [
  ['access_denied', 'You have no access to this app'],
  ['unmet_authentication_requirements', 'The authentication requirement is not met'],
  ['unauthorized_client', 'Wrong client'],
] as const)
  test(`Okta's error ${code}`, async ({ page }) => {
    await page.route(`${ISSUER}/v1/authorize?*`, (route) => {
      const query = new URL(route.request().url()).searchParams;
      const back = new URL(query.get('redirect_uri') ?? '');
      back.searchParams.set('state', query.get('state') ?? '');
      back.searchParams.set('error', code);
      back.searchParams.set('error_description', 'What Okta says.');
      return route.fulfill({ status: 302, headers: { Location: back.href } });
    });
    await page.goto('/');
    await signInButton(page).click();
    await expect(page.getByRole('alert')).toContainText(title);
    await page.getByText('Details').click();
    await expect(page.getByText(`OAuthError: ${code}: What Okta says.`)).toBeVisible();
  });

test('an outage of Okta, and it works once Okta is back', async ({
  page,
  switchOkta,
  expectTrouble,
}) => {
  expectTrouble(/503 .* at .*\/\.well-known\/openid-configuration/);
  await switchOkta('outage');
  await page.goto('/');
  await signInButton(page).click();
  await expect(page.getByRole('alert')).toContainText('Okta is not available');
  await expect(title(page)).toBeFocused();
  await switchOkta('reset');
  await signInButton(page).click();
  await choose(page, 'Ada Lovelace');
  await expect(title(page)).toHaveText('Hello, Ada Lovelace');
});

test('an Okta that cannot be reached', async ({ page, expectTrouble }) => {
  expectTrouble(/ERR_(FAILED|CONNECTION_REFUSED)/);
  await page.route(`${ISSUER}/**`, (route) => route.abort('connectionrefused'));
  await page.goto('/');
  await signInButton(page).click();
  await expect(page.getByRole('alert')).toContainText('Okta cannot be reached');
  await expect(page.getByRole('alert')).toContainText('make run');
});

test('clocks that differ', async ({ page, switchOkta }) => {
  await switchOkta('skew?seconds=600');
  await page.goto('/');
  await signInButton(page).click();
  await choose(page, 'Ada Lovelace');
  await expect(page.getByRole('alert')).toContainText('Your clock is wrong');
  await page.getByText('Details').click();
  await expect(page.getByText(/issued in the future/)).toBeVisible();
});

test('an issuer that does not exist', async ({ page, expectTrouble }) => {
  expectTrouble(/404 .*openid-configuration/);
  const issuer = ISSUER.replace('default', 'other');
  await page.route('**/config.js', (route) =>
    route.fulfill({
      contentType: 'text/javascript',
      body: `window.__CONFIG__ = ${JSON.stringify({ issuer })};`,
    }),
  );
  await page.goto('/');
  await signInButton(page).click();
  await expect(page.getByRole('alert')).toContainText('Wrong issuer');
  await expect(page.getByRole('alert')).toContainText('VITE_OKTA_ISSUER');
});

test('a client that is not registered', async ({ page, expectTrouble }) => {
  expectTrouble(/40[01] .*\/v1\/token/);
  await page.route(`${ISSUER}/v1/token`, (route) =>
    route.continue({
      postData: (route.request().postData() ?? '').replace('0oalocalspa', '0oaunknown'),
    }),
  );
  await page.goto('/');
  await signInButton(page).click();
  await choose(page, 'Ada Lovelace');
  await expect(page.getByRole('alert')).toContainText('Wrong client');
  await expect(page.getByRole('alert')).toContainText('VITE_OKTA_CLIENT_ID');
});

test('an origin that Okta does not trust', async ({ page, expectTrouble }) => {
  expectTrouble(/blocked by CORS policy/);
  expectTrouble(/ERR_FAILED/);
  const other = 'http://127.0.0.1:3001';
  const { stop } = await start(['e2e/nginx.sh', '3001'], other);
  try {
    await page.goto(other);
    await signInButton(page).click();
    await expect(page.getByRole('alert')).toContainText('Okta does not trust this origin');
    await expect(page.getByRole('alert')).toContainText(`add ${other} for CORS`);
  } finally {
    await stop();
  }
});

test('a page that is not secure', async ({ page, expectTrouble }) => {
  expectTrouble(/Cross-Origin-Opener-Policy|blocked by CORS|ERR_FAILED/);
  await page.route('http://app.test/**', async (route) => {
    const url = route.request().url().replace('http://app.test', 'http://localhost:3000');
    await route.fulfill({ response: await route.fetch({ url }) });
  });
  // The page loads its icon last: a handler must not fetch it after the test.
  await page.goto('http://app.test/', { waitUntil: 'networkidle' });
  await expect(page.getByRole('alert')).toContainText('This page is not secure');
  await expect(page.getByRole('alert')).toContainText('http://app.test is not one');
});

test('blocked storage', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'sessionStorage', {
      get() {
        throw new DOMException('Access is denied for this document.', 'SecurityError');
      },
    });
  });
  await page.goto('/');
  await expect(page.getByRole('alert')).toContainText('Your browser blocks storage');
  await page.getByText('Details').click();
  await expect(page.getByText(/SecurityError: Access is denied/)).toBeVisible();
});
