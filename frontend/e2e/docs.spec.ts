import type { Locator, Page } from '@playwright/test';
import { API } from './environment.ts';
import { choose, signIn, storedAccessToken } from './steps.ts';
import { expect, test } from './test.ts';

test('Authorize in /docs signs in by PKCE, and /me then responds', async ({ page }) => {
  await page.goto(`${API}/docs`);
  const dialog = await openAuthorize(page);
  await expect(dialog.getByLabel('client_id')).toHaveValue('0oalocalspa');
  const popup = page.waitForEvent('popup');
  await dialog.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
  const okta = await popup;
  await expect(okta).toHaveURL(/code_challenge_method=S256/);
  await choose(okta, 'Ada Lovelace');
  await expect(dialog.getByRole('button', { name: 'Remove authorization' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  const response = await execute(page, '/me');
  await expect(response).toContainText('200');
  await expect(response).toContainText('ada@example.com');
});

test('/docs takes a pasted token, and shows a refusal as the API sends it', async ({
  page,
  context,
  expectTrouble,
}) => {
  expectTrouble(/403 .* at http:\/\/localhost:8000\/admin/);
  const app = await context.newPage();
  await signIn(app, 'Grace Hopper');
  // Behind another tab, Swagger UI renders many times slower.
  await page.bringToFront();
  await page.goto(`${API}/docs`);
  const dialog = await openAuthorize(page);
  const form = dialog.locator('form', { has: page.getByLabel('auth-bearer-value') });
  await form.getByLabel('auth-bearer-value').fill(await storedAccessToken(app));
  await form.getByRole('button', { name: 'Apply credentials' }).click();
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  const response = await execute(page, '/admin');
  await expect(response).toContainText('403');
  await expect(response).toContainText('"error": "Forbidden"');
});

async function openAuthorize(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  return page.locator('.modal-ux');
}

async function execute(page: Page, path: string): Promise<Locator> {
  const summary = page.locator('.opblock-summary-control', { hasText: path });
  const operation = page.locator('.opblock').filter({ has: summary });
  await summary.click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  return operation.locator('.live-responses-table');
}
