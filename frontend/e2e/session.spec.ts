import { API, ISSUER } from './environment.ts';
import { call, outcome, shown, signIn, storedAccessToken, storedTokens } from './steps.ts';
import { expect, test } from './test.ts';
import type { APIRequestContext, Page } from '@playwright/test';

test('tokens are renewed before they end, silently and with a new refresh token', async ({
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
  await signIn(page);
  const first = await storedTokens(page);
  const old = await storedAccessToken(page);
  expect((await ask(old)).status()).toBe(200);
  await expect(page.getByText(/ends in \d+ seconds/)).toBeVisible();
  await switchOkta('reset');
  const renewal = await page.waitForRequest(`${ISSUER}/v1/token`);
  expect(new URLSearchParams(renewal.postData() ?? '').get('grant_type')).toBe('refresh_token');

  await expect.poll(async () => (await ask(old)).status(), { timeout: 15_000 }).toBe(401);
  await expect(page.getByText(/ends in (59|60) minutes/)).toBeVisible();
  await call(page, '/me');
  await expect(outcome(page)).toContainText('200 The API answered');
  await expect(shown(page, 'Answer')).toContainText('ada@example.com');
  expect((await storedTokens(page))?.refreshToken.refreshToken).not.toBe(
    first?.refreshToken.refreshToken,
  );
  await expect(page).toHaveURL('/');
});

test('a renewal that Okta cannot answer is told, and can be tried again', async ({
  page,
  switchOkta,
  expectTrouble,
}) => {
  expectTrouble(/503 .* at .*\/v1\/token/);
  await switchOkta('token-lifetime?seconds=33');
  await signIn(page);
  await switchOkta('outage');
  await expect(page.getByRole('alert')).toContainText('Your session could not be renewed');
  await expect(page.getByText('ada@example.com')).toHaveCount(0);
  await switchOkta('reset');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Hello, Ada Lovelace');
});

test('a session that has ended at Okta is told', async ({
  page,
  context,
  request,
  switchOkta,
  expectTrouble,
}) => {
  expectTrouble(/400 .* at .*\/v1\/token/);
  await switchOkta('token-lifetime?seconds=34');
  await signIn(page);
  await revokeRefreshToken(page, request);
  await context.clearCookies();
  await expect(page.getByRole('alert')).toContainText('Your session has ended', {
    timeout: 10_000,
  });
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
});

test('a revoked refresh token costs nothing while the session at Okta lives', async ({
  page,
  request,
  switchOkta,
  expectTrouble,
}) => {
  expectTrouble(/400 .* at .*\/v1\/token/);
  await switchOkta('token-lifetime?seconds=34');
  await signIn(page);
  await switchOkta('token-lifetime?seconds=3600');
  await revokeRefreshToken(page, request);
  await page.waitForRequest((asked) => asked.url().includes('prompt=none'));
  await expect(page.getByText(/ends in (59|60) minutes/)).toBeVisible();
});

test('a second tab signs in without asking again, and each tab has tokens of its own', async ({
  page,
  context,
}) => {
  await signIn(page);
  const second = await context.newPage();
  await second.goto('/profile');
  await expect(second.getByRole('heading', { level: 1 })).toHaveText('Your profile');
  expect(await storedAccessToken(second)).not.toBe(await storedAccessToken(page));
  await call(page, '/');
  await expect(outcome(page)).toContainText('200');
});

test('signing out in one tab signs the others out', async ({ page, context }) => {
  await signIn(page);
  const second = await context.newPage();
  await second.goto('/profile');
  await expect(second.getByRole('cell', { name: 'ada@example.com' }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(second.getByRole('alert')).toContainText('You signed out in another tab');
  await expect(second.getByText('ada@example.com')).toHaveCount(0);
  expect(await storedTokens(second)).toBeNull();
});

test('signing out while Okta is down forgets the tokens and says what is left to do', async ({
  page,
  switchOkta,
  expectTrouble,
}) => {
  expectTrouble(/503 .* at .*\/v1\/revoke/);
  await signIn(page);
  await switchOkta('outage');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('alert')).toContainText('signed out here, but maybe not at Okta');
  expect(await storedTokens(page)).toBeNull();
  await expect(page.getByText('Ada')).toHaveCount(0);
});

async function revokeRefreshToken(page: Page, request: APIRequestContext) {
  const token = (await storedTokens(page))?.refreshToken.refreshToken ?? '';
  await request.post(`${ISSUER}/v1/revoke`, { form: { token, client_id: '0oalocalspa' } });
}
