import type { Page } from '@playwright/test';
import { API, ISSUER } from './environment.ts';
import {
  call,
  outcome,
  shown,
  signIn,
  signInButton,
  signOut,
  storedAccessToken,
  storedTokens,
  title,
} from './steps.ts';
import { expect, test } from './test.ts';

test('tokens are renewed before they expire, silently and with a new refresh token', async ({
  page,
  request,
  switchOkta,
}) => {
  const ask = (token: string) =>
    request.get(`${API}/me`, { headers: { Authorization: `Bearer ${token}` } });
  // The SDK renews 30 seconds before the end, by the browser's clock. With Okta's clock 24
  // seconds behind, the API sees the end 6 seconds after that.
  await switchOkta('token-lifetime?seconds=35');
  await switchOkta('skew?seconds=-24');
  const renewal = page.waitForRequest((asked) =>
    (asked.postData() ?? '').includes('grant_type=refresh_token'),
  );
  await signIn(page);
  const first = await storedTokens(page);
  const old = await storedAccessToken(page);
  expect((await ask(old)).status()).toBe(200);
  await expect(page.getByText(/expires in \d+ seconds/)).toBeVisible();
  await switchOkta('reset');
  await renewal;

  await expect.poll(async () => (await ask(old)).status(), { timeout: 15_000 }).toBe(401);
  await expect(page.getByText(/expires in (59|60) minutes/)).toBeVisible();
  await call(page, '/me');
  await expect(outcome(page)).toContainText('200GET /me');
  await expect(shown(page)).toContainText('ada@example.com');
  expect((await storedTokens(page))?.refreshToken.refreshToken).not.toBe(
    first?.refreshToken.refreshToken,
  );
  await expect(page).toHaveURL('/');
});

test('a renewal that Okta does not respond to is named, and can be retried', async ({
  page,
  switchOkta,
  expectTrouble,
}) => {
  expectTrouble(/503 .* at .*\/(v1\/token|openid-configuration)/);
  await switchOkta('token-lifetime?seconds=33');
  await signIn(page);
  await switchOkta('outage');
  await expect(page.getByRole('alert')).toContainText('Your session could not be renewed');
  await expect(page.getByText('ada@example.com')).toHaveCount(0);
  await switchOkta('reset');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(title(page)).toHaveText('Hello, Ada Lovelace');
  await expect(title(page)).toBeFocused();
});

test.describe('with its refresh token revoked', () => {
  test.beforeEach(async ({ page, request, switchOkta, expectTrouble }) => {
    expectTrouble(/400 .* at .*\/v1\/token/);
    await switchOkta('token-lifetime?seconds=34');
    await signIn(page);
    await switchOkta('reset');
    const token = (await storedTokens(page))?.refreshToken.refreshToken ?? '';
    await request.post(`${ISSUER}/v1/revoke`, { form: { token, client_id: '0oalocalspa' } });
  });

  test('a tab gets new tokens while the Okta session is active', async ({ page }) => {
    await page.waitForRequest((asked) => asked.url().includes('prompt=none'));
    await expect(page.getByText(/expires in (59|60) minutes/)).toBeVisible();
  });

  test('a tab says that the session at Okta has ended, or that cookies are blocked', async ({
    page,
    context,
  }) => {
    await context.clearCookies();
    await expect(page.getByRole('alert')).toContainText('Your session has ended', {
      timeout: 10_000,
    });
    await expect(page.getByRole('alert')).toContainText('third-party cookies');
    await expect(title(page)).toBeFocused();
    await expect(signInButton(page)).toBeVisible();
  });
});

test('a tab that was duplicated, and its original, both get new tokens', async ({
  page,
  switchOkta,
  expectTrouble,
}) => {
  // Both have the same refresh token, which can be used once.
  expectTrouble(/400 .* at .*\/v1\/token/);
  await switchOkta('token-lifetime?seconds=34');
  await signIn(page);
  await switchOkta('reset');
  const duplicate = page.waitForEvent('popup');
  await page.evaluate(() => window.open('/'));
  await expect((await duplicate).getByText(/expires in \d+ seconds/)).toBeVisible();
  for (const tab of [page, await duplicate])
    await expect(tab.getByText(/expires in (59|60) minutes/)).toBeVisible({ timeout: 10_000 });
});

test.describe('two tabs', () => {
  let second: Page;

  test.beforeEach(async ({ page, context }) => {
    await signIn(page);
    second = await context.newPage();
    await second.goto('/profile');
    await expect(second.getByRole('row', { name: 'email ada@example.com' })).toBeVisible();
  });

  test('the second signs in without asking again, and each has tokens of its own', async ({
    page,
  }) => {
    expect(await storedAccessToken(second)).not.toBe(await storedAccessToken(page));
    await call(page, '/');
    await expect(outcome(page)).toContainText('200');
  });

  test('signing out in one signs the other out', async ({ page }) => {
    await signOut(page);
    await expect(second.getByRole('alert')).toContainText('You signed out in another tab');
    await expect(second.getByText('ada@example.com')).toHaveCount(0);
    expect(await storedTokens(second)).toBeNull();
  });
});

test('signing out while Okta is down forgets the tokens and says what is left to do', async ({
  page,
  switchOkta,
  expectTrouble,
}) => {
  expectTrouble(/503 .* at .*\/(v1\/revoke|openid-configuration)/);
  await signIn(page);
  await switchOkta('outage');
  await page.getByRole('button', { name: /^Account: / }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('alert')).toContainText(
    'signed out of this app, but maybe not of Okta',
  );
  expect(await storedTokens(page)).toBeNull();
  await expect(page.getByText('Ada Lovelace')).toHaveCount(0);
});
