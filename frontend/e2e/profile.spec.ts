import { ISSUER } from './environment.ts';
import { openProfile, signIn } from './steps.ts';
import { expect, test } from './test.ts';

test('while the profile is loading, the page says so', async ({ page }) => {
  let respond: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (respond = resolve));
  await page.route(`${ISSUER}/v1/userinfo`, async (route) => {
    await held;
    await route.continue();
  });
  await signIn(page);
  await openProfile(page);
  await expect(page.getByRole('status')).toHaveText('Loading your profile…');
  respond();
  await expect(page.getByRole('row', { name: 'email ada@example.com' })).toBeVisible();
  await expect(page.getByRole('status')).toHaveCount(0);
});

test('a profile that Okta does not return is named, and a retry works', async ({
  page,
  switchOkta,
  expectTrouble,
}) => {
  expectTrouble(/503 .* at .*\/v1\/userinfo/);
  await signIn(page);
  await switchOkta('outage');
  await openProfile(page);
  await expect(page.getByRole('alert')).toContainText('Your profile could not be loaded');
  await switchOkta('reset');
  await page.getByRole('button', { name: 'Try again' }).press('Enter');
  const claims = page.getByRole('table', { name: 'Claims from userinfo' });
  await expect(claims).toBeVisible();
});

test('a long e-mail address does not widen the page on a small phone', async ({ page }) => {
  const email = `${'long'.repeat(20)}@example.com`;
  await page.route(`${ISSUER}/v1/userinfo`, async (route) => {
    const response = await route.fetch();
    const claims = (await response.json()) as object;
    await route.fulfill({ response, json: { ...claims, email } });
  });
  await signIn(page);
  await page.setViewportSize({ width: 320, height: 640 });
  await openProfile(page);
  await expect(page.getByRole('cell', { name: email })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
});
