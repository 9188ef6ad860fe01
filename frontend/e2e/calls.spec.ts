import {
  call,
  openConsole,
  openTab,
  outcome,
  route,
  send,
  shown,
  storedAccessToken,
} from './steps.ts';
import { expect, test } from './test.ts';

const LOAD_FAILED = (status: number, path: string) =>
  new RegExp(`${status} .* at http://localhost:8000${path}`);

test('Ada calls /me and sees request, status, response and what the API read', async ({ page }) => {
  await openConsole(page);
  await expect(outcome(page)).toContainText('Nothing is sent yet');
  await call(page, '/me');
  await expect(outcome(page)).toContainText('200Success');
  await expect(outcome(page)).toContainText(/GET \/me · \d+ ms/);
  for (const part of ['"subject": "ada@example.com"', '"client": "0oalocalspa"', '"Admins"'])
    await expect(shown(page)).toContainText(part);
  await expect(shown(page)).toContainText('GET http://localhost:8000/me');
  await expect(shown(page)).toContainText('Authorization: Bearer ••••');
  await openTab(page, 'Token');
  await expect(page.getByRole('row', { name: /^sub ada@example.com/ })).toBeVisible();
});

test('every route of the API is offered, with what it requires', async ({ page, request }) => {
  const document = (await (await request.get('http://localhost:8000/openapi.json')).json()) as {
    paths: Record<string, object>;
  };
  await openConsole(page);
  for (const [path, item] of Object.entries(document.paths))
    for (const method of Object.keys(item))
      if (path !== '/checks') await expect(route(page, path, method.toUpperCase())).toBeVisible();
  await expect(route(page, '/payslip')).toContainText('second factor, signed in within 5 minutes');
  await expect(route(page, '/admin')).toContainText('group Admins');
});

test('an address fills the form and sends nothing', async ({ page }) => {
  await openConsole(page);
  const sent: string[] = [];
  page.on('request', (request) => sent.push(request.url()));
  await page.goto('/console?method=POST&path=/reports&as=changed');
  await expect(page.getByLabel('Body')).toHaveValue(/"title"/);
  await expect(page.getByLabel('Send as')).toHaveValue('changed');
  await expect(outcome(page)).toContainText('Nothing is sent yet');
  expect(sent.filter((url) => url.startsWith('http://localhost:8000/reports'))).toEqual([]);
});

test('a greeting goes to a name that needs escaping as well', async ({ page }) => {
  await openConsole(page);
  await page.getByLabel('Path').fill("/hello/Zoë O'Neill");
  await send(page);
  await expect(shown(page)).toContainText(`"message": "Hello, Zoë O'Neill"`);
});

test('Grace sees beforehand and afterwards that /admin is not for her', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(LOAD_FAILED(403, '/admin'));
  await openConsole(page, 'Grace Hopper');
  await expect(route(page, '/admin')).toContainText('Admins missing');
  await call(page, '/admin');
  const authorize = page.waitForRequest((asked) => asked.url().includes('/v1/authorize?'));
  await page.getByRole('button', { name: 'Continue as someone else' }).click();
  expect(new URL((await authorize).url()).searchParams.get('prompt')).toBe('login');
});

test('a missing scope is requested, and the request is repeated by itself', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(LOAD_FAILED(403, '/reports'));
  await openConsole(page);
  await expect(route(page, '/reports')).toContainText('reports:read missing');
  await call(page, '/reports');
  await expect(page.locator('mark', { hasText: 'insufficient_scope' })).toBeVisible();
  const authorize = page.waitForRequest((request) => request.url().includes('/v1/authorize?'));
  await page.getByRole('button', { name: 'Request reports:read and retry' }).click();
  const scope = new URL((await authorize).url()).searchParams.get('scope');
  expect(scope?.split(' ').sort()).toEqual(
    ['email', 'offline_access', 'openid', 'profile', 'reports:read'].sort(),
  );
  await expect(outcome(page)).toContainText('200Success');
  await expect(outcome(page)).toContainText('GET /reports');
  await expect(route(page, '/reports')).not.toContainText('missing');
});

test('a scope that Okta does not grant is requested only once', async ({ page, expectTrouble }) => {
  expectTrouble(LOAD_FAILED(403, '/reports'));
  await openConsole(page);
  await call(page, '/reports');
  // Okta's policy, which leaves the scope out.
  await page.route('**/v1/authorize?*', (request) =>
    request.continue({ url: request.request().url().replace('%20reports%3Aread', '') }),
  );
  await page.getByRole('button', { name: 'Request reports:read and retry' }).click();
  await expect(outcome(page)).toContainText('Still refused after signing in');
  await expect(page.getByRole('button', { name: /and retry$/ })).toHaveCount(0);
});

test('a sign-in that is abandoned repeats nothing', async ({ page, expectTrouble }) => {
  expectTrouble(LOAD_FAILED(403, '/reports'));
  await openConsole(page);
  await call(page, '/reports');
  await page.route('**/v1/authorize?*', (request) =>
    request.fulfill({ contentType: 'text/html', body: '<h1>Okta</h1>' }),
  );
  await page.getByRole('button', { name: 'Request reports:read and retry' }).click();
  await expect(page.getByRole('heading', { name: 'Okta' })).toBeVisible();
  await page.goBack();
  await expect(outcome(page)).toContainText('Nothing is sent yet');
});

test('Okta is down: a known key keeps working, and one click undoes it', async ({ page }) => {
  await openConsole(page);
  await page.getByRole('button', { name: 'Break something ▾' }).click();
  await page.getByRole('menuitem', { name: 'Take Okta down' }).click();
  await expect(page.getByText('Okta is down.', { exact: true })).toBeVisible();
  await call(page, '/me');
  await expect(outcome(page)).toContainText('200Success');
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(page.getByText('Okta is down.', { exact: true })).toHaveCount(0);
});

test('a presenter walks through the eight', async ({ page, expectTrouble }) => {
  expectTrouble(LOAD_FAILED(401, '/me'));
  expectTrouble(LOAD_FAILED(403, '/reports'));
  expectTrouble(LOAD_FAILED(401, '/payslip'));
  expectTrouble(/400 .*\/v1\/token/);
  await openConsole(page);
  const eight = page.getByRole('region', { name: /Try these eight/ });
  for (const [name, status] of [
    ['A valid token', 200],
    ['A scope is missing', 403],
    ['A changed signature', 401],
    ['An ID token', 401],
    ['An expired token', 401],
    ['A second factor is required', 401],
    ['A stolen DPoP token', 401],
  ] as const) {
    await eight.getByRole('button', { name }).click();
    await send(page);
    await expect(outcome(page)).toContainText(String(status));
    await expect(
      eight.getByRole('button', { name }).getByRole('img', { name: 'done' }),
    ).toBeVisible();
  }
  await page.getByRole('button', { name: 'Break something ▾' }).click();
  await page.getByRole('menuitem', { name: 'Take Okta down' }).click();
  await eight.getByRole('button', { name: 'Okta is down' }).click();
  await send(page);
  await expect(eight).toContainText('8 of 8 done');
});

test('the failed check is in view, and the controls stay where they are', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(LOAD_FAILED(403, '/reports'));
  await page.setViewportSize({ width: 1280, height: 800 });
  await openConsole(page);
  const positions = [await route(page, '/me').boundingBox()];
  for (const path of ['/me', '/reports']) {
    await call(page, path);
    await expect(outcome(page)).toContainText(`GET ${path}`);
    await expect(shown(page)).toBeVisible();
    positions.push(await route(page, '/me').boundingBox());
  }
  expect(new Set(positions.map((box) => box?.y)).size).toBe(1);
  const checks = page.getByRole('region', { name: 'What the API checked' });
  await expect(checks.getByRole('img', { name: 'failed' })).toBeInViewport();
  await expect(checks.getByRole('listitem').first()).toContainText(/scope.*expected.*reports:read/);
});

test('the curl command is copied without the token', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openConsole(page, 'Grace Hopper');
  const token = await storedAccessToken(page);
  await call(page, '/me');
  await openTab(page, 'curl');
  await page.getByRole('button', { name: 'Copy the curl command' }).click();
  await expect(page.getByText('Copied.')).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(`curl -i -H "Authorization: Bearer $TOKEN" 'http://localhost:8000/me'`);
  await expect(shown(page)).toContainText(
    `TOKEN=$(make -s token ARGS='--user grace@example.com --scope "openid profile email"')`,
  );
  const [header = '', payload = '', signature = ''] = token.split('.');
  const text = await page.locator('body').innerText();
  for (const part of [header, payload, signature]) expect(text).not.toContain(part);
});

test('requests work by keyboard alone', async ({ page }) => {
  await openConsole(page);
  await page.getByLabel('Path').focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('/hello/keyboard');
  await page.keyboard.press('Enter');
  await expect(shown(page)).toContainText('Hello, keyboard');
  await page.getByRole('tab', { name: 'Exchange' }).focus();
  await page.keyboard.press('End');
  await expect(page.getByRole('tab', { name: 'curl' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(shown(page)).toBeFocused();
});

test('in forced colours, the open tab and the chosen route can be told apart', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await openConsole(page);
  await call(page, '/me');
  const border = (name: string) =>
    page.getByRole('tab', { name }).evaluate((tab) => getComputedStyle(tab).borderBottomColor);
  expect(await border('Exchange')).not.toBe(await border('curl'));
  await expect(route(page, '/me')).toHaveAttribute('aria-current', 'true');
});
