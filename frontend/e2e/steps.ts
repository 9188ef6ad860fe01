import { expect, type Page } from '@playwright/test';

/** Sign in through the local Okta's page and wait for the start page. */
export async function signIn(page: Page, name = 'Ada Lovelace') {
  await page.goto('/');
  await signInButton(page).click();
  await choose(page, name);
  await expect(title(page)).toHaveText(`Hello, ${name}`);
}

/** Sign in and open the console. */
export async function openConsole(page: Page, name = 'Ada Lovelace') {
  await signIn(page, name);
  await page.getByRole('link', { name: 'Console', exact: true }).click();
  await expect(route(page, '/me')).toBeVisible();
}

/** Sign out, and wait until the landing page offers to sign in again. */
export async function signOut(page: Page) {
  await openAccount(page);
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(signInButton(page)).toBeVisible();
}

export async function openAccount(page: Page) {
  await page.getByRole('button', { name: /^Account: / }).click();
}

/** Open the profile from the account menu. */
export async function openProfile(page: Page) {
  await openAccount(page);
  await page.getByRole('menuitem', { name: 'Profile' }).click();
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

/** The button that fills the form with a route. */
export function route(page: Page, path: string, method = 'GET') {
  return page
    .getByRole('region', { name: 'Routes' })
    .getByRole('button', { name: new RegExp(`^${method} `) })
    .filter({ has: page.locator(`code:text-is("${path}")`) });
}

/** Fill the form with a route and send it. */
export async function call(page: Page, path: string, method = 'GET') {
  await route(page, path, method).click();
  await send(page);
}

export async function send(page: Page) {
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

/** Choose the token to send. */
export async function sendAs(page: Page, label: string | RegExp) {
  const option = page.getByLabel('Send as').getByRole('option', { name: label });
  await page.getByLabel('Send as').selectOption((await option.getAttribute('value')) ?? '');
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
  idToken: { idToken: string };
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
