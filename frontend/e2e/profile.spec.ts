import { ISSUER } from './environment.ts';
import { signIn } from './steps.ts';
import { expect, test } from './test.ts';

test('while Okta is asked for the profile, that is told', async ({ page }) => {
  let answer: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route(`${ISSUER}/v1/userinfo`, async (route) => {
    await held;
    await route.continue();
  });
  await signIn(page);
  await page.getByRole('link', { name: 'Profile' }).click();
  await expect(page.getByRole('status')).toHaveText('Asking Okta…');
  answer();
  await expect(page.getByRole('row', { name: 'email ada@example.com' })).toBeVisible();
  await expect(page.getByRole('status')).toHaveCount(0);
});

test('a profile that Okta does not give is told, and a new try works', async ({
  page,
  switchOkta,
  expectTrouble,
}) => {
  expectTrouble(/503 .* at .*\/v1\/userinfo/);
  await signIn(page);
  await switchOkta('outage');
  await page.getByRole('link', { name: 'Profile' }).click();
  await expect(page.getByRole('alert')).toContainText('Your profile could not be had');
  await switchOkta('reset');
  await page.getByRole('button', { name: 'Try again' }).press('Enter');
  const claims = page.getByRole('table', { name: 'Claims from userinfo' });
  await expect(claims).toBeVisible();
  await expect(page.locator(':focus').filter({ has: claims })).toHaveCount(1);
});
