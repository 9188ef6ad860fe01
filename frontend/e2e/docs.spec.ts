import { execute, openAuthorize, openOperation, operation } from './docs.ts';
import { API, API_SETTINGS, PYTHON, REPOSITORY } from './environment.ts';
import { start } from './processes.ts';
import { choose, signIn, storedAccessToken } from './steps.ts';
import { expect, test } from './test.ts';

test('/docs says what to do, and Authorize offers what can be done', async ({ page }) => {
  await page.goto(`${API}/docs`);
  await expect(page.getByRole('banner')).toContainText('Choose Authorize and sign in with Okta');
  const dialog = await openAuthorize(page);
  await expect(dialog.getByRole('button', { name: 'Close' }).first()).toBeFocused();
  expect(await dialog.locator('.modal-ux-content').evaluate(({ scrollTop }) => scrollTop)).toBe(0);
  await expect(dialog.getByRole('heading', { level: 4 })).toHaveText([/^okta/, /^bearer/]);
  await expect(dialog.getByRole('textbox')).toHaveCount(2);
  await expect(dialog.getByLabel('client_id')).toHaveValue('0oalocalspa');
  await expect(dialog.getByLabel('client_secret')).toBeHidden();
  await expect(dialog.getByText('dpop')).toHaveCount(0);
  const scopes = dialog.getByRole('checkbox');
  await expect(scopes).toHaveCount(6);
  for (const scope of await scopes.all()) await expect(scope).toBeChecked();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Authorize', exact: true })).toBeFocused();
  await operation(page, '/reports')
    .getByRole('button', { name: /^authorization/ })
    .click();
  await expect(scopes).toHaveCount(6);
});

test('Authorize in /docs signs in by PKCE with every scope', async ({ page }) => {
  await page.goto(`${API}/docs`);
  const dialog = await openAuthorize(page);
  const popup = page.waitForEvent('popup');
  await dialog.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
  const okta = await popup;
  await expect(okta).toHaveURL(/code_challenge_method=S256/);
  await choose(okta, 'Ada Lovelace');
  await expect(dialog.getByRole('button', { name: 'Remove authorization' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  const me = await execute(await openOperation(page, '/me'));
  await expect(me).toContainText('200');
  await expect(me).toContainText('ada@example.com');
  await expect(await execute(await openOperation(page, '/reports'))).toContainText('200');
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
  await expect(dialog.getByRole('button', { name: 'Remove authorization' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  const response = await execute(await openOperation(page, '/admin'));
  await expect(response).toContainText('403');
  await expect(response).toContainText('"error": "Forbidden"');
});

test('/docs of an API that requires DPoP says that it cannot call it', async ({ page }) => {
  const api = 'http://localhost:8002';
  const command = [PYTHON, '-m', 'uvicorn', 'backend.main:app', '--port', '8002'];
  const env = { ...API_SETTINGS, RESOURCE_URL: api, DPOP: 'required' };
  const { stop } = await start(command, `${api}/readyz`, { cwd: REPOSITORY, env });
  try {
    await page.goto(`${api}/docs`);
    await expect(page.getByRole('banner')).toContainText('This page cannot make the proofs');
    await openOperation(page, '/me');
    await expect(page.getByRole('button', { name: /authoriz/i })).toHaveCount(0);
  } finally {
    await stop();
  }
});
