import type { Page } from '@playwright/test';
import { ISSUER } from './environment.ts';
import { call, outcome, shown, signIn, storedAccessToken } from './steps.ts';
import { expect, test } from './test.ts';

const APPROVE = '/reports/{id}/approve';
const LOAD_FAILED = (status: number) =>
  new RegExp(`${status} .* at http://localhost:8000/reports/1/approve`);

test('a revoked token approves nothing, and still reads', async ({
  page,
  request,
  expectTrouble,
}) => {
  expectTrouble(LOAD_FAILED(403));
  expectTrouble(LOAD_FAILED(401));
  await signInToApprove(page);
  await revoke(await storedAccessToken(page));
  await call(page, APPROVE);
  await expect(outcome(page)).toContainText('Your token was revoked');
  await expect(shown(page)).toContainText('error_description="token is not active"');
  await expect(page.getByRole('row', { name: /failed active/ })).toBeVisible();
  await call(page, '/me');
  await expect(outcome(page)).toContainText('200GET /me');
  await call(page, APPROVE);
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await expect(outcome(page)).toContainText('200POST /reports/1/approve');

  async function revoke(token: string) {
    const form = { token, client_id: '0oalocalspa' };
    expect((await request.post(`${ISSUER}/v1/revoke`, { form })).status()).toBe(200);
  }
});

test('without a response from Okta the API neither accepts nor refuses', async ({
  page,
  switchOkta,
  expectTrouble,
}) => {
  expectTrouble(LOAD_FAILED(403));
  expectTrouble(LOAD_FAILED(503));
  await signInToApprove(page);
  await switchOkta('outage');
  await call(page, APPROVE);
  await expect(outcome(page)).toContainText('The API cannot verify tokens right now');
  await switchOkta('reset');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(outcome(page)).toContainText('200POST /reports/1/approve');
});

/** Sign in, and approve a report with a scope that is requested for it. */
async function signInToApprove(page: Page) {
  await signIn(page);
  await call(page, APPROVE);
  await page.getByRole('button', { name: 'Request reports:approve and retry' }).click();
  await expect(outcome(page)).toContainText('200POST /reports/1/approve');
}
