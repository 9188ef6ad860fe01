import { expect, type Page } from '@playwright/test';

/** Sign in through the local Okta's page and wait for the console. */
export async function signIn(page: Page, name = 'Ada Lovelace') {
  await page.goto('/');
  await signInButton(page).click();
  await choose(page, name);
  await expect(title(page)).toHaveText(`Hello, ${name}`);
}

/** Sign out, and wait until the landing page offers to sign in again. */
export async function signOut(page: Page) {
  await page.getByRole('button', { name: /^Account: / }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(signInButton(page)).toBeVisible();
}

/** Open the profile from the account menu. */
export async function openProfile(page: Page) {
  await page.getByRole('button', { name: /^Account: / }).click();
  await page.getByRole('link', { name: 'Profile' }).click();
}

export function signInButton(page: Page) {
  return page.getByRole('button', { name: 'Sign in with Okta' });
}

/** Choose a person on the local Okta's sign-in page. */
export async function choose(page: Page, name: string) {
  await page.getByRole('button', { name }).click();
}

/** The heading of the page. */
export function title(page: Page) {
  return page.getByRole('heading', { level: 1 });
}

/** The button that calls a route. */
export function route(page: Page, path: string) {
  return page.locator('.route').filter({ has: page.locator(`code:text-is("${path}")`) });
}

/** Call a route by its button. */
export async function call(page: Page, path: string) {
  await route(page, path).click();
}

/** Choose the token to send. */
export async function sendWith(page: Page, label: string) {
  await page.getByRole('radio', { name: label, exact: true }).check();
}

/** What the console says about the last request. */
export function outcome(page: Page) {
  return page.getByRole('region', { name: 'Result' }).getByRole('status').first();
}

/** Open a tab of the result. */
export async function openTab(page: Page, name: string | RegExp) {
  await page.getByRole('tab', { name }).click();
}

/** The tab of the result that is open. */
export function shown(page: Page) {
  return page.getByRole('tabpanel');
}

interface StoredTokens {
  accessToken: { accessToken: string; expiresAt: number };
  refreshToken: { refreshToken: string };
}

/** The tokens of this tab. */
export async function storedTokens(page: Page): Promise<StoredTokens | null> {
  const stored = await page.evaluate(() => sessionStorage.getItem('okta-tokens'));
  const tokens = JSON.parse(stored ?? '{}') as Partial<StoredTokens>;
  return tokens.accessToken ? (tokens as StoredTokens) : null;
}

export async function storedAccessToken(page: Page): Promise<string> {
  const tokens = await storedTokens(page);
  if (tokens === null) throw new Error('the app has no access token');
  return tokens.accessToken.accessToken;
}
