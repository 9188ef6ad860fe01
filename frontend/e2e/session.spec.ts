import type { Page } from '@playwright/test';
import { ISSUER } from './environment.ts';
import {
  call,
  openAccount,
  openConsole,
  outcome,
  route,
  shown,
  signIn,
  signInButton,
  signOut,
  storedAccessToken,
  storedTokens,
  title,
} from './steps.ts';
import { expect, test } from './test.ts';

test('tokens are renewed when a call needs it, silently and with a new refresh token', async ({
  page,
  switchOkta,
}) => {
  // The SDK renews a token that expires within 30 seconds.
  await switchOkta('token-lifetime?seconds=33');
  await openConsole(page);
  const first = await storedTokens(page);
  await switchOkta('reset');
  await page.waitForTimeout(4000);
  // Nobody calls, so nothing is renewed: a session of somebody who left is not kept alive.
  expect(await storedTokens(page)).toEqual(first);
  const renewal = page.waitForRequest((asked) =>
    (asked.postData() ?? '').includes('grant_type=refresh_token'),
  );
  await call(page, '/me');
  await renewal;
  await expect(outcome(page)).toContainText('200Success');
  await expect(shown(page)).toContainText('ada@example.com');
  await expect(page.getByText(/expires in (59|60) minutes/)).toBeVisible();
  const second = await storedTokens(page);
  expect(second?.refreshToken.refreshToken).not.toBe(first?.refreshToken.refreshToken);
});

test('a renewal that Okta does not respond to is named, and can be retried', async ({
  page,
  switchOkta,
  expectTrouble,
}) => {
  expectTrouble(/503 .* at .*\/(v1\/token|openid-configuration)/);
  await switchOkta('token-lifetime?seconds=33');
  await openConsole(page);
  await page.waitForTimeout(4000);
  await switchOkta('outage');
  await call(page, '/me');
  await expect(page.getByRole('alert')).toContainText('Your session could not be renewed');
  await expect(page.getByText('ada@example.com')).toHaveCount(0);
  await switchOkta('reset');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(route(page, '/me')).toBeVisible();
});

test.describe('with its refresh token revoked', () => {
  test.beforeEach(async ({ page, request, switchOkta, expectTrouble }) => {
    expectTrouble(/400 .* at .*\/v1\/token/);
    await switchOkta('token-lifetime?seconds=33');
    await openConsole(page);
    await switchOkta('reset');
    const token = (await storedTokens(page))?.refreshToken.refreshToken ?? '';
    await request.post(`${ISSUER}/v1/revoke`, { form: { token, client_id: '0oalocalspa' } });
  });

  test('a tab gets new tokens while the Okta session is active', async ({ page }) => {
    await page.waitForTimeout(4000);
    const silent = page.waitForRequest((asked) => asked.url().includes('prompt=none'));
    await call(page, '/me');
    await silent;
    await expect(outcome(page)).toContainText('200Success');
    await expect(page.getByText(/expires in (59|60) minutes/)).toBeVisible();
  });

  test('a tab says that the session at Okta has ended, or that cookies are blocked', async ({
    page,
    context,
  }) => {
    await context.clearCookies();
    await page.waitForTimeout(4000);
    await call(page, '/me');
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
  await switchOkta('token-lifetime?seconds=33');
  await openConsole(page);
  await switchOkta('reset');
  const opened = page.waitForEvent('popup');
  await page.evaluate(() => window.open('/console'));
  const duplicate = await opened;
  await expect(route(duplicate, '/me')).toBeVisible();
  await page.waitForTimeout(4000);
  for (const tab of [page, duplicate]) {
    await call(tab, '/me');
    await expect(outcome(tab)).toContainText('200Success');
    await expect(tab.getByText(/expires in (59|60) minutes/)).toBeVisible();
  }
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
    await page.goto('/console');
    await call(page, '/me');
    await expect(outcome(page)).toContainText('200');
  });

  test('signing out in one signs the other out', async ({ page }) => {
    await signOut(page);
    await expect(second.getByText('You signed out in another tab.')).toBeVisible();
    await expect(second.getByRole('alert')).toHaveCount(0);
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
  await openAccount(page);
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('alert')).toContainText(
    'signed out of this app, but maybe not of Okta',
  );
  expect(await storedTokens(page)).toBeNull();
  await expect(page.getByText('Ada Lovelace')).toHaveCount(0);
});
