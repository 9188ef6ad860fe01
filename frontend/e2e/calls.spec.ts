import {
  call,
  openTab,
  outcome,
  route,
  sendWith,
  shown,
  signIn,
  storedAccessToken,
} from './steps.ts';
import { expect, test } from './test.ts';

const LOAD_FAILED = (status: number, path: string) =>
  new RegExp(`${status} .* at http://localhost:8000${path}`);

test('Ada calls / and sees request, status and response', async ({ page }) => {
  await signIn(page);
  await expect(outcome(page)).toHaveText('No request yet. Choose a route.');
  await call(page, '/');
  await expect(outcome(page)).toContainText('200GET /');
  await expect(outcome(page)).toContainText(/\d+ msrequest ID [0-9a-f]{16}/);
  await expect(shown(page)).toContainText('Congratulations, FastAPI this side.');
  await expect(shown(page)).toContainText('content-type: application/json');
  await openTab(page, 'Request');
  await expect(shown(page)).toContainText('GET http://localhost:8000/');
});

test('Ada says hello, to a name that needs escaping as well', async ({ page }) => {
  await signIn(page);
  await page.getByLabel('Name', { exact: true }).fill("Zoë O'Neill & co?");
  await call(page, '/hello/{name}');
  await expect(shown(page)).toContainText(`"message": "Hello, Zoë O'Neill & co?"`);
});

test('a name that cannot be part of a path is not sent', async ({ page }) => {
  await signIn(page);
  for (const name of ['', '..', 'a/b']) {
    await page.getByLabel('Name', { exact: true }).fill(name);
    await call(page, '/hello/{name}');
    await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
  }
  await expect(outcome(page)).toHaveText('No request yet. Choose a route.');
});

test('Ada calls /me and sees what the API read from her token', async ({ page }) => {
  await signIn(page);
  await call(page, '/me');
  for (const part of ['"subject": "ada@example.com"', '"client": "0oalocalspa"', '"Admins"'])
    await expect(shown(page)).toContainText(part);
  await openTab(page, /^Checks \d+\/\d+/);
  await expect(page.getByRole('row', { name: /passed sub ada@example.com/ })).toBeVisible();
});

test('Grace sees beforehand and afterwards that /admin is not for her', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(LOAD_FAILED(403, '/admin'));
  await signIn(page, 'Grace Hopper');
  await expect(route(page, '/admin')).toContainText('Admins missing');
  await call(page, '/admin');
  await expect(outcome(page)).toContainText('403');
  await expect(outcome(page)).toContainText('Access denied');
  await expect(page.getByRole('row', { name: /failed groups/ })).toBeVisible();
});

test('a missing scope is requested, and the request is repeated by itself', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(LOAD_FAILED(403, '/reports'));
  await signIn(page);
  await expect(route(page, '/reports')).toContainText('reports:read missing');
  await call(page, '/reports');
  await expect(outcome(page)).toContainText('The scope reports:read is missing');
  await expect(page.locator('mark', { hasText: 'insufficient_scope' })).toBeVisible();
  const authorize = page.waitForRequest((request) => request.url().includes('/v1/authorize?'));
  await page.getByRole('button', { name: 'Request reports:read and retry' }).click();
  const scope = new URL((await authorize).url()).searchParams.get('scope');
  expect(scope?.split(' ').sort()).toEqual(
    ['email', 'offline_access', 'openid', 'profile', 'reports:read'].sort(),
  );
  await expect(outcome(page)).toContainText('200GET /reports');
  await expect(route(page, '/reports')).toContainText('reports:read ✓');
});

test('a scope that Okta does not grant is requested only once', async ({ page, expectTrouble }) => {
  expectTrouble(LOAD_FAILED(403, '/reports'));
  await signIn(page);
  await call(page, '/reports');
  // Okta's policy, which leaves the scope out.
  await page.route('**/v1/authorize?*', (request) =>
    request.continue({ url: request.request().url().replace('%20reports%3Aread', '') }),
  );
  await page.getByRole('button', { name: 'Request reports:read and retry' }).click();
  await expect(outcome(page)).toContainText('Still refused after signing in');
  await expect(page.getByRole('button', { name: /and retry/ })).toHaveCount(0);
});

test('a sign-in that is abandoned repeats nothing', async ({ page, expectTrouble }) => {
  expectTrouble(LOAD_FAILED(403, '/reports'));
  await signIn(page);
  await call(page, '/reports');
  await page.route('**/v1/authorize?*', (request) =>
    request.fulfill({ contentType: 'text/html', body: '<h1>Okta</h1>' }),
  );
  await page.getByRole('button', { name: 'Request reports:read and retry' }).click();
  await expect(page.getByRole('heading', { name: 'Okta' })).toBeVisible();
  await page.goBack();
  await expect(outcome(page)).toHaveText('No request yet. Choose a route.');
});

for (const [label, reason, failed] of [
  ['no token', 'no credentials were sent', null],
  ['changed signature', 'signature is not valid', 'signature'],
  ['ID token', 'audience is not accepted', 'aud'],
] as const)
  test(`with ${label}, the API refuses and the console shows why`, async ({
    page,
    expectTrouble,
  }) => {
    expectTrouble(LOAD_FAILED(401, '/me'));
    await signIn(page);
    await sendWith(page, label);
    await call(page, '/me');
    await expect(outcome(page)).toContainText('401');
    await expect(outcome(page)).toContainText('The API rejects this, as it must');
    await expect(outcome(page)).toContainText(`Reason: ${reason}.`);
    await expect(shown(page)).toContainText('www-authenticate: Bearer');
    if (failed !== null)
      await expect(page.getByRole('row', { name: new RegExp(`failed ${failed}`) })).toBeVisible();
  });

test('the controls stay in view while results change', async ({ page, expectTrouble }) => {
  expectTrouble(LOAD_FAILED(403, '/reports'));
  await page.setViewportSize({ width: 1280, height: 800 });
  await signIn(page);
  const positions = [await route(page, '/').boundingBox()];
  for (const path of ['/', '/me', '/reports']) {
    await call(page, path);
    await expect(outcome(page)).toContainText(`GET ${path}`);
    await expect(shown(page)).toBeVisible();
    positions.push(await route(page, '/').boundingBox());
  }
  expect(new Set(positions.map((box) => box?.y)).size).toBe(1);
  await expect(page.getByRole('region', { name: 'Result' })).toBeInViewport({ ratio: 0.9 });
  await expect(page.getByRole('region', { name: 'Send with' })).toBeInViewport({ ratio: 1 });
});

test('on a phone the result is directly below its route', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await signIn(page);
  await call(page, '/me');
  await expect(outcome(page)).toContainText('200');
  const button = await route(page, '/me').boundingBox();
  const result = await page.getByRole('region', { name: 'Result' }).boundingBox();
  expect((result?.y ?? 0) - ((button?.y ?? 0) + (button?.height ?? 0))).toBeLessThan(20);
});

test('the curl command is copied without the token', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signIn(page, 'Grace Hopper');
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

test('without a clipboard, the text can be selected', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined });
  });
  await signIn(page);
  await call(page, '/me');
  await openTab(page, 'curl');
  await page.getByRole('button', { name: 'Copy the curl command' }).click();
  await expect(shown(page)).toContainText('Select the text and copy it.');
});

test('requests work by keyboard alone', async ({ page }) => {
  await signIn(page);
  await page.getByLabel('Name', { exact: true }).focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('keyboard');
  await page.keyboard.press('Enter');
  await expect(shown(page)).toContainText('Hello, keyboard');
  await page.getByRole('tab', { name: 'Response' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(shown(page)).toContainText('Authorization: Bearer ••••');
});
