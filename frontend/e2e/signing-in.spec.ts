import { ISSUER } from './environment.ts';
import { choose, signIn, storedAccessToken, title } from './steps.ts';
import { expect, test } from './test.ts';

test('Ada signs in and sees who she is and what her token allows', async ({ page }) => {
  await signIn(page);
  const identity = page.getByRole('region', { name: 'Who you are' });
  await expect(identity).toContainText('Ada Lovelace');
  await expect(identity).toContainText('ada@example.com');
  for (const scope of ['openid', 'profile', 'email', 'offline_access'])
    await expect(identity.getByRole('listitem').filter({ hasText: scope })).toHaveCount(1);
  for (const group of ['Everyone', 'Admins'])
    await expect(identity.getByRole('listitem').filter({ hasText: group })).toHaveCount(1);
  await expect(identity).toContainText(/ends in (59|60) minutes/);
});

test('someone signed out finds one button on the first page', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('button')).toHaveCount(1);
  await expect(page.getByRole('button')).toHaveText('Sign in');
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

test('tokens are in this tab alone, not in local storage, a cookie or an address', async ({
  page,
  context,
}) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await signIn(page);
  const token = await storedAccessToken(page);
  const elsewhere = await page.evaluate(() => JSON.stringify(localStorage));
  const cookies = JSON.stringify(await context.cookies());
  for (const place of [elsewhere, cookies, asked.join(' ')]) expect(place).not.toContain(token);
  expect(elsewhere).toBe('{}');
});

test('loading the page again keeps Ada signed in', async ({ page }) => {
  await signIn(page);
  await page.reload();
  await expect(title(page)).toHaveText('Hello, Ada Lovelace');
});

test('a deep link to a protected page comes back there after the sign-in', async ({ page }) => {
  await page.goto('/profile?from=mail#claims');
  await choose(page, 'Grace Hopper');
  await expect(title(page)).toHaveText('Your profile');
  await expect(page).toHaveURL('/profile?from=mail#claims');
  await expect(page.getByRole('row', { name: 'email grace@example.com' })).toBeVisible();
});

test('focus moves to the heading of the page navigated to', async ({ page }) => {
  await signIn(page);
  await page.getByRole('link', { name: 'Profile' }).click();
  await expect(title(page)).toBeFocused();
  await expect(page).toHaveTitle('Your profile · FastAPI with Okta');
});

test('the first link skips to the content', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeFocused();
});

test('a refusal by Okta is told in words', async ({ page }) => {
  await page.goto('/');
  const authorize = `${ISSUER}/v1/authorize?*`;
  // Asks for a scope that the local Okta does not know.
  await page.route(authorize, (route) =>
    route.continue({ url: route.request().url().replace('scope=openid', 'scope=nonsense') }),
  );
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('a scope that is not defined');
  await page.getByRole('link', { name: 'Go to the first page' }).click();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
});

test('an answer to a sign-in that was never started is refused', async ({ page }) => {
  await page.goto('/login/callback?code=stolen&state=forged');
  await expect(page.getByRole('alert')).toContainText('cannot be completed');
});

test('the callback address alone leads to the first page', async ({ page }) => {
  await page.goto('/login/callback');
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expect(page).toHaveURL('/');
});

test('an unknown address is told, with a way out', async ({ page }) => {
  await page.goto('/nowhere');
  await expect(title(page)).toHaveText('There is no such page');
  await page.getByRole('link', { name: 'Go to the first page' }).click();
  await expect(page).toHaveURL('/');
});

test('Okta being down is told before the sign-in, which works once it is back', async ({
  page,
  switchOkta,
  expectTrouble,
}) => {
  expectTrouble(/503 .* at .*\/\.well-known\/openid-configuration/);
  await switchOkta('outage');
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('Okta cannot be reached');
  await expect(title(page)).toBeFocused();
  await switchOkta('reset');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await choose(page, 'Ada Lovelace');
  await expect(title(page)).toHaveText('Hello, Ada Lovelace');
});
