import {
  call,
  openAccount,
  openConsole,
  outcome,
  signIn,
  storedAccessToken,
  title,
} from './steps.ts';
import { expect, test } from './test.ts';

test('a click on Grace signs Grace in, although Okta has a session of Ada', async ({
  page,
  context,
}) => {
  await signIn(page);
  const second = await context.newPage();
  await second.goto('/');
  await second.getByRole('button', { name: 'Be Grace' }).click();
  await expect(title(second)).toHaveText('Hello, Grace Hopper');
});

test('the account menu switches to Grace in two clicks, with scopes of her own', async ({
  page,
}) => {
  await signIn(page);
  await page.goto('/profile');
  await openAccount(page);
  await page.getByRole('menuitem', { name: 'Switch to Grace' }).click();
  await expect(page.getByRole('row', { name: 'email grace@example.com' })).toBeVisible();
  await expect(page).toHaveURL('/profile');
  const [, payload = ''] = (await storedAccessToken(page)).split('.');
  expect(Buffer.from(payload, 'base64url').toString()).toContain('00ulocalgrace');
});

test('somebody who does nothing is warned, and signed out in every tab', async ({
  page,
  context,
}) => {
  await context.route('**/config.js', (route) =>
    route.fulfill({
      contentType: 'text/javascript',
      body: 'window.__CONFIG__ = { idleMinutes: 2 };',
    }),
  );
  await page.clock.install();
  await signIn(page);
  await page.clock.runFor(70_000);
  await expect(page.getByRole('alertdialog')).toContainText('Are you still there?');
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await expect(page.getByRole('alertdialog')).toHaveCount(0);
  const second = await context.newPage();
  await second.goto('/profile');
  await expect(title(second)).toHaveText('Your profile');
  await page.clock.runFor(130_000);
  await expect(page.getByText('Nobody used this app for 2 minutes.')).toBeVisible();
  await expect(second.getByText('Nobody used this app for 2 minutes.')).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('the same request as Grace and as Ada', async ({ page, expectTrouble }) => {
  expectTrouble(/403 .*\/admin/);
  await openConsole(page, 'Grace Hopper');
  await call(page, '/admin');
  await expect(outcome(page)).toContainText('This is for the group Admins');
  await page.getByRole('button', { name: 'Send it as Ada' }).click();
  await expect(outcome(page)).toContainText('200Success');
  await expect(page.getByText(/As Grace Hopper/)).toContainText('403 This is for the group Admins');
  await page.getByRole('button', { name: 'Send it as Grace' }).click();
  await expect(outcome(page)).toContainText('403This is for the group Admins');
  await expect(page.getByText(/As Ada Lovelace/)).toContainText('200 Success');
});
