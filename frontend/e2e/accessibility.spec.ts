import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { API } from './environment.ts';
import { call, choose, outcome, signIn, title } from './steps.ts';
import { expect, test } from './test.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('signed out, signing in, not found', async ({ page }) => {
      await page.goto('/nowhere');
      await expectAccessible(page);
      await page.goto('/');
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expect(page.getByRole('button', { name: 'Ada Lovelace' })).toBeVisible();
      await expectAccessible(page);
      await choose(page, 'Ada Lovelace');
      await expect(title(page)).toHaveText('Hello, Ada Lovelace');
      await expectAccessible(page);
    });

    test('answers and refusals', async ({ page, expectTrouble }) => {
      expectTrouble(/403/);
      await signIn(page, 'Grace Hopper');
      await call(page, '/me');
      await expect(outcome(page)).toContainText('200');
      await expectAccessible(page);
      await call(page, '/reports');
      await expect(outcome(page)).toContainText('403');
      await expectAccessible(page);
      await page.getByRole('link', { name: 'Profile' }).click();
      await expect(page.getByRole('cell', { name: 'grace@example.com' }).first()).toBeVisible();
      await expectAccessible(page);
    });

    test('faults in the settings, a failed sign-in, an error of Okta', async ({
      page,
      expectTrouble,
    }) => {
      expectTrouble(/400 .* at http:\/\/localhost:9000/);
      await page.goto('/login/callback?code=stolen&state=forged');
      await expect(page.getByRole('alert')).toBeVisible();
      await expectAccessible(page);
      await page.goto('http://localhost:9000/oauth2/default/v1/authorize?client_id=nobody');
      await expectAccessible(page);
      await page.route('**/config.js', (route) =>
        route.fulfill({
          contentType: 'text/javascript',
          body: `window.__CONFIG__ = { issuer: 'https://{yourOktaDomain}', clientId: '' };`,
        }),
      );
      await page.goto('/');
      await expect(title(page)).toHaveText('The app is not set up yet');
      await expect(page.getByRole('region')).toHaveCount(2);
      await expectAccessible(page);
    });
  });
}

test('/docs', async ({ page }) => {
  await page.goto(`${API}/docs`);
  await expect(page.getByRole('button', { name: 'Authorize' })).toBeVisible();
  // Swagger UI's own: colours, rows of buttons within buttons, headings and parts of the page.
  await expectAccessible(page, ['color-contrast', 'nested-interactive', 'heading-order', 'region']);
});

async function expectAccessible(page: Page, except: string[] = []) {
  const { violations } = await new AxeBuilder({ page }).disableRules(except).analyze();
  const found = violations.map(({ id, nodes }) => ({
    id,
    at: nodes.map(({ target }) => target.join(' ')),
  }));
  expect(found, page.url()).toEqual([]);
}
