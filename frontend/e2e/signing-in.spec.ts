import { API, ISSUER } from './environment.ts';
import {
  choose,
  openAccount,
  openProfile,
  signIn,
  signInButton,
  storedAccessToken,
  title,
} from './steps.ts';
import { expect, test } from './test.ts';

test('Ada signs in and sees who she is', async ({ page }) => {
  await signIn(page);
  await openAccount(page);
  await expect(page.getByText('ada@example.com')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText('ada@example.com')).toBeHidden();
  await expect(page.getByRole('button', { name: /^Account/ })).toBeFocused();
});

test('the landing page shows what is up, with the addresses of this run', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByText('reachable', { exact: true })).toBeVisible();
  await expect(page.getByText('ready', { exact: true })).toBeVisible();
  const flow = page.getByRole('region', { name: 'How it works' });
  for (const part of ['localhost:3000', 'localhost:9000', 'localhost:8000', '0oalocalspa'])
    await expect(flow).toContainText(part);
});

test('the landing page says when the API and Okta are down', async ({ page, expectTrouble }) => {
  expectTrouble(/ERR_FAILED/);
  await page.route(`${API}/readyz`, (route) => route.abort());
  await page.route(`${ISSUER}/.well-known/*`, (route) => route.abort());
  await page.goto('/');
  await expect(page.getByText('not reachable')).toHaveCount(2);
});

test('the code flow uses PKCE and sends no secret', async ({ page }) => {
  const authorize = page.waitForRequest((request) => request.url().includes('/v1/authorize?'));
  const token = page.waitForRequest(`${ISSUER}/v1/token`);
  await signIn(page);
  const query = new URL((await authorize).url()).searchParams;
  expect(query.get('code_challenge_method')).toBe('S256');
  expect(query.get('response_type')).toBe('code');
  const form = new URLSearchParams((await token).postData() ?? '');
  expect(form.get('code_verifier')).toMatch(/^[\w.~-]{43,128}$/);
  expect(form.has('client_secret')).toBe(false);
  expect((await token).headers().authorization).toBeUndefined();
});

test('tokens are only in this tab, not in local storage, a cookie or an address', async ({
  page,
  context,
}) => {
  const requested: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  await signIn(page);
  const token = await storedAccessToken(page);
  const elsewhere = await page.evaluate(() => JSON.stringify(localStorage));
  const cookies = JSON.stringify(await context.cookies());
  for (const place of [elsewhere, cookies, requested.join(' ')]) expect(place).not.toContain(token);
  expect(elsewhere).toBe('{}');
});

test('a reload leaves Ada signed in', async ({ page }) => {
  await signIn(page);
  await page.reload();
  await expect(title(page)).toHaveText('Hello, Ada Lovelace');
});

test('a deep link to a protected page leads back there after the sign-in', async ({ page }) => {
  await page.goto('/profile?from=mail#claims');
  await choose(page, 'Grace Hopper');
  await expect(title(page)).toHaveText('Your profile');
  await expect(page).toHaveURL('/profile?from=mail#claims');
  await expect(page.getByRole('row', { name: 'email grace@example.com' })).toBeVisible();
});

test('Back after signing in leads home, signed in', async ({ page }) => {
  await signIn(page);
  const token = await storedAccessToken(page);
  await page.goBack();
  // Okta's page may ask again, or redirect back with the session that it has.
  if (new URL(page.url()).port === '9000') await choose(page, 'Ada Lovelace');
  await expect(title(page)).toHaveText('Hello, Ada Lovelace');
  await expect(page).toHaveURL('/');
  expect(await storedAccessToken(page)).toBe(token);
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('Back from the sign-in page that a protected page led to leaves the app', async ({ page }) => {
  await page.goto('about:blank');
  await page.goto('/profile');
  await expect(page.getByRole('button', { name: 'Ada Lovelace' })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL('about:blank');
});

test('focus moves to the heading of the page navigated to', async ({ page }) => {
  await signIn(page);
  await openProfile(page);
  await expect(title(page)).toBeFocused();
  await expect(page).toHaveTitle('Your profile · FastAPI with Okta');
});

test('the first link skips to the content', async ({ page }) => {
  await page.goto('/');
  await expect(signInButton(page)).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Be Ada' })).toBeFocused();
});

test('the theme is chosen by a button and survives a reload', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/');
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.getByRole('button', { name: 'Use the dark theme' }).click();
  expect(await background()).not.toBe(light);
  await page.reload();
  await expect(page.getByRole('button', { name: 'Use the light theme' })).toBeVisible();
  expect(await background()).not.toBe(light);
});

test('the callback address alone leads to the landing page', async ({ page }) => {
  await page.goto('/login/callback');
  await expect(signInButton(page)).toBeVisible();
  await expect(page).toHaveURL('/');
});

test('an unknown address has a way out', async ({ page }) => {
  await page.goto('/nowhere');
  await expect(title(page)).toHaveText('Page not found');
  await page.getByRole('link', { name: 'Back to the start page' }).click();
  await expect(page).toHaveURL('/');
});

test('a sign-in that is reloaded during the code exchange can be tried again', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(/ERR_ABORTED|ERR_FAILED/);
  await page.route(`${ISSUER}/v1/token`, () => undefined);
  await page.goto('/profile');
  await choose(page, 'Ada Lovelace');
  await expect(page).toHaveURL(/\/login\/callback$/);
  await page.reload();
  await page.unroute(`${ISSUER}/v1/token`);
  await expect(page.getByRole('alert')).toContainText('The sign-in was interrupted');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(title(page)).toHaveText('Your profile');
});
