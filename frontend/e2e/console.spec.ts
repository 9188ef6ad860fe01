import { createHash } from 'node:crypto';
import {
  call,
  openConsole,
  outcome,
  shown,
  signIn,
  signInButton,
  storedAccessToken,
  title,
} from './steps.ts';
import { expect, test } from './test.ts';

test('what happened at the sign-in is shown with its real values, and no token', async ({
  page,
}) => {
  const authorize = page.waitForRequest((asked) => asked.url().includes('/v1/authorize?'));
  await openConsole(page);
  const query = new URL((await authorize).url()).searchParams;
  await page.getByRole('link', { name: 'What happened when you signed in' }).click();
  for (const name of ['state', 'nonce', 'code_challenge'])
    await expect(page.getByText(query.get(name) ?? '', { exact: true }).first()).toBeVisible();
  await expect(page.getByText('00ulocalada').first()).toBeVisible();
  const html = await page.content();
  for (const part of (await storedAccessToken(page)).split('.')) expect(html).not.toContain(part);
});

test('a pasted token is judged by the API, and leaves no trace', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(/401 .* at http:\/\/localhost:8000\/(me|checks)/);
  await openConsole(page, 'Grace Hopper');
  const [header = '', payload = ''] = (await storedAccessToken(page)).split('.');
  const forged = `${header}.${payload}.${createHash('sha256').update('x').digest('base64url')}`;
  await page.getByRole('link', { name: 'Paste a token' }).click();
  await page.getByLabel('Token').fill(forged);
  await expect(page.getByRole('region', { name: 'Verdict' })).toContainText(
    'the signature is not valid',
  );
  await expect(page.getByRole('row', { name: /^sub grace@example.com/ })).toBeVisible();
  const kept = await page.evaluate(() =>
    JSON.stringify([location.href, history.state, sessionStorage, localStorage]),
  );
  expect(kept).not.toContain(forged);
});

test('a user who is signed out everywhere signs in again', async ({ page, expectTrouble }) => {
  expectTrouble(/401 .* at http:\/\/localhost:8000\//);
  await openConsole(page, 'Grace Hopper');
  await call(page, '/me');
  await expect(outcome(page)).toContainText('200Success');
  await page.getByRole('button', { name: 'Break something ▾' }).click();
  await page.getByRole('menuitem', { name: 'Sign me out everywhere' }).click();
  await expect(page.getByText(/sign you out everywhere/).first()).toBeVisible();
  const refused = page.waitForResponse(async (response) => {
    if (response.status() !== 401) return false;
    return (await response.text()).includes('"user_revoked"');
  });
  await call(page, '/me');
  await refused;
  await expect(signInButton(page)).toBeVisible();
  await openConsole(page, 'Grace Hopper');
  await call(page, '/me');
  await expect(outcome(page)).toContainText('200Success');
});

test('the console is loaded only when it is opened', async ({ page }) => {
  const scripts: string[] = [];
  page.on('request', (asked) => scripts.push(asked.url()));
  await signIn(page);
  expect(scripts.filter((url) => /Console-.*\.js/.test(url))).toEqual([]);
  await page.getByRole('link', { name: 'Console', exact: true }).click();
  await expect(shown(page).or(outcome(page)).first()).toBeVisible();
  expect(scripts.filter((url) => /Console-.*\.js/.test(url))).toHaveLength(1);
});

test('without console: true in config.js there is no console', async ({ page }) => {
  await page.route('**/config.js', (request) =>
    request.fulfill({ contentType: 'text/javascript', body: 'window.__CONFIG__ = {};' }),
  );
  await signIn(page);
  await expect(page.getByText(/Try these/)).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Console' })).toHaveCount(0);
  await page.goto('/console');
  await expect(title(page)).toHaveText('Page not found');
});

test('a page whose file is gone says so', async ({ page, expectTrouble }) => {
  expectTrouble(/404 .*ReportsPage/);
  await signIn(page);
  await page.route('**/assets/ReportsPage-*.js', (request) => request.fulfill({ status: 404 }));
  await page.getByRole('link', { name: 'Reports', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('Something went wrong on this page');
});
