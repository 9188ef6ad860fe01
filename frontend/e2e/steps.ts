import { expect, type Page } from '@playwright/test';

/** Sign in through the local Okta's page and wait for the first page of the app. */
export async function signIn(page: Page, name = 'Ada Lovelace') {
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await choose(page, name);
  await expect(title(page)).toHaveText(`Hello, ${name}`);
}

/** Sign out, and wait until the first page offers to sign in again. */
export async function signOut(page: Page) {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
}

/** Choose a person on the local Okta's sign-in page. */
export async function choose(page: Page, name: string) {
  await page.getByRole('button', { name }).click();
}

/** The heading of the page. */
export function title(page: Page) {
  return page.getByRole('heading', { level: 1 });
}

/** Call a route by its button. */
export async function call(page: Page, path: string) {
  await page.getByRole('button', { name: `Call ${path}`, exact: true }).click();
}

/** Where the outcome of the last call is told. */
export function outcome(page: Page) {
  return page.getByRole('region', { name: 'Call the API' }).getByRole('status').first();
}

/** The request and the answer as shown. */
export function shown(page: Page, title: 'Request' | 'Answer') {
  return page.locator(`h3:text-is("${title}") + pre`);
}

interface StoredTokens {
  accessToken: { accessToken: string; expiresAt: number };
  refreshToken: { refreshToken: string };
}

/** The tokens that the app holds in this tab. */
export async function storedTokens(page: Page): Promise<StoredTokens | null> {
  const stored = await page.evaluate(() => sessionStorage.getItem('okta-token-storage'));
  const tokens = JSON.parse(stored ?? '{}') as Partial<StoredTokens>;
  return tokens.accessToken ? (tokens as StoredTokens) : null;
}

export async function storedAccessToken(page: Page): Promise<string> {
  const tokens = await storedTokens(page);
  if (tokens === null) throw new Error('the app holds no access token');
  return tokens.accessToken.accessToken;
}
