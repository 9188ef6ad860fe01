import { call, outcome, shown, signIn, storedAccessToken } from './steps.ts';
import { expect, test } from './test.ts';

test('Ada calls / and sees request, status and answer', async ({ page }) => {
  await signIn(page);
  await expect(outcome(page)).toHaveText('No call yet. Choose a route above.');
  await call(page, '/');
  await expect(outcome(page)).toContainText('200 The API answered');
  await expect(shown(page, 'Request')).toContainText('GET http://localhost:8000/');
  await expect(shown(page, 'Answer')).toContainText('Congratulations, FastAPI this side.');
});

test('Ada says hello, to a name that needs escaping as well', async ({ page }) => {
  await signIn(page);
  await page.getByLabel('Name', { exact: true }).fill("Zoë O'Neill & co?");
  await page.getByRole('button', { name: 'Say hello' }).click();
  await expect(shown(page, 'Answer')).toContainText(`"message": "Hello, Zoë O'Neill & co?"`);
});

test('a name that could not be part of a path is not sent', async ({ page }) => {
  await signIn(page);
  for (const name of ['', '..', 'a/b']) {
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByRole('button', { name: 'Say hello' }).click();
    await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
  }
  await expect(outcome(page)).toHaveText('No call yet. Choose a route above.');
});

test('Ada calls /me and sees what the API reads from her token', async ({ page }) => {
  await signIn(page);
  await call(page, '/me');
  await expect(outcome(page)).toContainText('200');
  for (const part of ['"subject": "ada@example.com"', '"client": "0oalocalspa"', '"Admins"'])
    await expect(shown(page, 'Answer')).toContainText(part);
});

test('Ada calls /admin', async ({ page }) => {
  await signIn(page);
  await call(page, '/admin');
  await expect(outcome(page)).toContainText('200 The API answered');
});

test('Grace is told in words that /admin is not for her', async ({ page, expectTrouble }) => {
  expectTrouble(/403 .* at http:\/\/localhost:8000\/admin/);
  await signIn(page, 'Grace Hopper');
  await call(page, '/admin');
  await expect(outcome(page)).toContainText('403 You may not use this route');
  await expect(outcome(page)).toContainText('you are not in a group that may do this');
});

test('a missing scope is named, and granted once it is asked for', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(/403 .* at http:\/\/localhost:8000\/reports/);
  await signIn(page);
  await call(page, '/reports');
  await expect(outcome(page)).toContainText('403 Your token lacks a scope');
  await page.getByRole('button', { name: 'Sign in and ask for reports:read' }).click();
  const scope = page.getByRole('listitem').filter({ hasText: 'reports:read' });
  await expect(scope.first()).toBeVisible();
  await call(page, '/reports');
  await expect(outcome(page)).toContainText('200 The API answered');
});

test('the curl command is copied without the token', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signIn(page);
  const token = await storedAccessToken(page);
  await call(page, '/me');
  await page.getByRole('button', { name: 'Copy the curl command' }).click();
  await expect(page.getByText('Copied.')).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(`curl -i -H "Authorization: Bearer $TOKEN" 'http://localhost:8000/me'`);
  const [header = '', payload = '', signature = ''] = token.split('.');
  const text = await page.locator('body').innerText();
  for (const part of [header, payload, signature]) expect(text).not.toContain(part);
});

test('calls work by keyboard alone', async ({ page }) => {
  await signIn(page);
  await page.getByLabel('Name', { exact: true }).focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('keyboard');
  await page.keyboard.press('Enter');
  await expect(shown(page, 'Answer')).toContainText('Hello, keyboard');
});
