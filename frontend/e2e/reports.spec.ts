import { choose, openAccount, signIn, title } from './steps.ts';
import { expect, test } from './test.ts';

const LOAD_FAILED = (status: number) => new RegExp(`${status} .* at http://localhost:8000/reports`);

test('Ada submits a report, sees what is wrong with it, and deletes it', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(LOAD_FAILED(403));
  expectTrouble(LOAD_FAILED(422));
  await signIn(page);
  await page.getByRole('link', { name: 'Reports', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('The scope reports:read is missing');
  await page.getByRole('button', { name: 'Request reports:read and retry' }).click();
  await expect(page.getByRole('table', { name: 'Reports' })).toBeVisible();
  await expect(page).toHaveURL('/reports');
  await page.getByRole('button', { name: 'Request reports:write to create' }).click();
  await page.getByRole('button', { name: 'New report' }).click();
  await page.getByRole('button', { name: 'Submit' }).click();
  await expect(page.getByText('Enter a title.')).toBeVisible();
  await page.getByLabel('Title').fill('Taxi to the airport');
  await page.getByLabel('Amount').fill('31.5');
  await page.getByLabel('Currency').fill('XXQ');
  await page.getByRole('button', { name: 'Submit' }).click();
  await expect(page.getByLabel('Currency')).toHaveAccessibleDescription(/ISO 4217/);
  await page.getByLabel('Currency').fill('EUR');
  await page.getByRole('button', { name: 'Submit' }).click();
  await expect(page.getByText('“Taxi to the airport” is submitted.').first()).toBeVisible();
  const row = page.getByRole('row', { name: /Taxi to the airport .*31\.50/ });
  await expect(row).toBeVisible();
  await row.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('“Taxi to the airport” is deleted.').first()).toBeVisible();
  await expect(row).toHaveCount(0);
});

test('Ada approves a report of Grace’s: the missing scope is requested and the approval repeated', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(LOAD_FAILED(403));
  await signIn(page, 'Grace Hopper');
  await page.goto('/reports');
  await page.getByRole('button', { name: 'Request reports:write to create' }).click();
  await page.getByRole('button', { name: 'New report' }).click();
  await page.getByLabel('Title').fill('Nanoseconds');
  await page.getByLabel('Amount').fill('1');
  await page.getByRole('button', { name: 'Submit' }).click();
  await expect(page.getByText('“Nanoseconds” is submitted.').first()).toBeVisible();
  await openAccount(page);
  await page.getByRole('menuitem', { name: 'Switch to Ada' }).click();
  await page.getByRole('button', { name: 'Request reports:read and retry' }).click();
  const row = page.getByRole('row', { name: /Nanoseconds/ }).first();
  await row.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('button', { name: 'Request reports:approve and retry' }).click();
  await expect(page.getByText('“Nanoseconds” is approved.').first()).toBeVisible();
  await expect(row).toContainText('approved');
});

test('while reports load, the page says so; without any, too', async ({ page }) => {
  let respond: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (respond = resolve));
  await page.route('http://localhost:8000/reports', async (route) => {
    await held;
    await route.fulfill({
      headers: { 'Access-Control-Allow-Origin': '*' },
      json: { reports: [], next: null },
    });
  });
  await signIn(page);
  await page.getByRole('link', { name: 'Reports', exact: true }).click();
  await expect(page.getByText('Loading the reports…')).toBeVisible();
  respond();
  await expect(page.getByText('There are no reports yet.')).toBeVisible();
});

test('a deep link to the reports leads back there after the sign-in', async ({
  page,
  expectTrouble,
}) => {
  expectTrouble(LOAD_FAILED(403));
  await page.goto('/reports');
  await choose(page, 'Ada Lovelace');
  await expect(title(page)).toHaveText('Reports');
});
