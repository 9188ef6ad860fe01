import { call, openConsole, outcome, route } from './steps.ts';
import { expect, test } from './test.ts';

test('a step-up challenge leads to a stronger sign-in, and the request is repeated', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(/401 .* at http:\/\/localhost:8000\/payslip/);
  await openConsole(page);
  await call(page, '/payslip');
  const authorize = page.waitForRequest((request) => request.url().includes('/v1/authorize?'));
  await page.getByRole('button', { name: 'Confirm it is you and retry' }).click();
  const query = new URL((await authorize).url()).searchParams;
  expect(query.get('acr_values')).toBe('urn:okta:loa:2fa:any');
  expect(query.get('max_age')).toBe('300');
  await page.getByRole('button', { name: 'Approve as Ada Lovelace' }).click();
  await expect(outcome(page)).toContainText('200Success');
  await expect(route(page, '/payslip')).not.toContainText('missing');
});

test('without a second factor, the app says what is missing, still signed in', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(/401 .* at http:\/\/localhost:8000\/payslip/);
  await openConsole(page);
  await call(page, '/payslip');
  await page.getByRole('button', { name: 'Confirm it is you and retry' }).click();
  await page.getByRole('button', { name: 'I have no second factor' }).click();
  await expect(page.getByRole('alert')).toContainText('The authentication requirement is not met');
  // Trying again asks for the same, and then repeats the call.
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Approve as Ada Lovelace' }).click();
  await expect(outcome(page)).toContainText('200Success');
  await expect(outcome(page)).toContainText('GET /payslip');
});

test('an approval requires its own scope', async ({ page, expectTrouble }) => {
  expectTrouble(/403 .* at http:\/\/localhost:8000\/reports\/1\/approve/);
  await openConsole(page);
  await call(page, '/reports/{id}/approve', 'POST');
  await expect(outcome(page)).toContainText('The scope reports:approve is missing');
  await expect(outcome(page)).toContainText('POST /reports/1/approve');
});

test('the live page greets, and says when the token expires', async ({ page, switchOkta }) => {
  // With Okta's clock behind, the API sees the token expire after 11 seconds.
  await switchOkta('token-lifetime?seconds=35');
  await switchOkta('skew?seconds=-24');
  await openConsole(page);
  await page.getByRole('link', { name: 'Live' }).click();
  await page.getByRole('button', { name: 'Connect' }).click();
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  await page.getByLabel('Name').fill('Ada');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByText('Hello, Ada')).toBeVisible();
  await expect(page.getByText(/code 3000: token has expired/)).toBeVisible({ timeout: 15_000 });
  await expect(page.getByRole('button', { name: 'Connect' })).toBeVisible();
});
