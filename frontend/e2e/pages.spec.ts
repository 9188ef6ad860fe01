import { call, outcome, route, signIn } from './steps.ts';
import { expect, test } from './test.ts';

const REPORTS_URL = 'http://localhost:8000/reports';

test('reports need a scope, and load by themselves once it is granted', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(/403 .* at http:\/\/localhost:8000\/reports/);
  await signIn(page);
  await page.getByRole('link', { name: 'Reports' }).click();
  await expect(page.getByRole('alert')).toContainText('The scope reports:read is missing');
  await page.getByRole('button', { name: 'Request reports:read and retry' }).click();
  await expect(page.getByRole('table', { name: 'Reports' })).toBeVisible();
  await expect(page).toHaveURL('/reports');
});

test('while reports load, the page says so; without any, too', async ({ page }) => {
  let respond: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (respond = resolve));
  await page.route(REPORTS_URL, async (route) => {
    await held;
    await route.fulfill({
      headers: { 'Access-Control-Allow-Origin': '*' },
      json: { reports: [], read_by: 'ada@example.com' },
    });
  });
  await signIn(page);
  await page.getByRole('link', { name: 'Reports' }).click();
  await expect(page.getByRole('status')).toHaveText('Loading the reports…');
  respond();
  await expect(page.getByText('There are no reports.')).toBeVisible();
});

test('a step-up challenge leads to a stronger sign-in, and the request is repeated', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(/401 .* at http:\/\/localhost:8000\/payslip/);
  await signIn(page);
  await call(page, '/payslip');
  await expect(outcome(page)).toContainText('A stronger or newer sign-in is required');
  const authorize = page.waitForRequest((request) => request.url().includes('/v1/authorize?'));
  await page.getByRole('button', { name: 'Confirm it is you and retry' }).click();
  const query = new URL((await authorize).url()).searchParams;
  expect(query.get('acr_values')).toBe('urn:okta:loa:2fa:any');
  expect(query.get('max_age')).toBe('300');
  await page.getByRole('button', { name: 'Approve as Ada Lovelace' }).click();
  await expect(outcome(page)).toContainText('200GET /payslip');
  await expect(route(page, '/payslip')).toContainText('second factor ✓');
});

test('without a second factor, the app says what is missing, still signed in', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(/401 .* at http:\/\/localhost:8000\/payslip/);
  await signIn(page);
  await call(page, '/payslip');
  await page.getByRole('button', { name: 'Confirm it is you and retry' }).click();
  await page.getByRole('button', { name: 'I have no second factor' }).click();
  await expect(page.getByRole('alert')).toContainText('The authentication requirement is not met');
  await page.getByRole('link', { name: 'Back to the start page' }).click();
  await expect(outcome(page)).toHaveText('No request yet. Choose a route.');
});

test('an approval requires its own scope', async ({ page, expectTrouble }) => {
  expectTrouble(/403 .* at http:\/\/localhost:8000\/reports\/1\/approve/);
  await signIn(page);
  await call(page, '/reports/{id}/approve');
  await expect(outcome(page)).toContainText('The scope reports:approve is missing');
  await expect(outcome(page)).toContainText('POST /reports/1/approve');
});

test('the live page greets, and says when the token expires', async ({ page, switchOkta }) => {
  // With Okta's clock behind, the API sees the token expire after 11 seconds.
  await switchOkta('token-lifetime?seconds=35');
  await switchOkta('skew?seconds=-24');
  await signIn(page);
  await page.getByRole('link', { name: 'Live' }).click();
  await page.getByRole('button', { name: 'Connect' }).click();
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  await page.getByLabel('Name').fill('Ada');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByText('Hello, Ada')).toBeVisible();
  await expect(page.getByText(/code 3000: token has expired/)).toBeVisible({ timeout: 15_000 });
  await expect(page.getByRole('button', { name: 'Connect' })).toBeVisible();
});
