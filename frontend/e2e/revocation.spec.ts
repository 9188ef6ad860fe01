import type { Page } from '@playwright/test';
import { call, openConsole, outcome } from './steps.ts';
import { expect, test } from './test.ts';

const APPROVE = '/reports/{id}/approve';
const LOAD_FAILED = (status: number) =>
  new RegExp(`${status} .* at http://localhost:8000/reports/1/approve`);

test('without a response from Okta the API neither accepts nor refuses', async ({
  page,
  switchOkta,
  expectTrouble,
}) => {
  expectTrouble(LOAD_FAILED(403));
  expectTrouble(LOAD_FAILED(409)); // approved by an earlier test
  expectTrouble(LOAD_FAILED(503));
  await signInToApprove(page);
  await switchOkta('outage');
  await call(page, APPROVE, 'POST');
  await expect(outcome(page)).toContainText('Okta does not say whether your token is active');
  await switchOkta('reset');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(outcome(page)).toContainText(/200Success|409/);
});

/** Sign in, and approve a report, or find it approved, with a scope that is requested for it. */
async function signInToApprove(page: Page) {
  await openConsole(page);
  await call(page, APPROVE, 'POST');
  await page.getByRole('button', { name: 'Request reports:approve and retry' }).click();
  await expect(outcome(page)).toContainText(/200Success|409/);
}
