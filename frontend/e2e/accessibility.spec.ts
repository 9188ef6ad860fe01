import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { API } from './environment.ts';
import { execute, openAuthorize, openOperation, operation } from './docs.ts';
import {
  call,
  choose,
  openAccount,
  openConsole,
  openProfile,
  openTab,
  outcome,
  signInButton,
  title,
} from './steps.ts';
import { expect, test } from './test.ts';

for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1280, 320])
    test.describe(`${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 800 } });

      test('signed out, signing in, not found', async ({ page }) => {
        await page.goto('/nowhere');
        await expectAccessible(page);
        await page.goto('/');
        await expect(page.getByText('ready', { exact: true })).toBeVisible();
        await expectAccessible(page);
        await signInButton(page).click();
        await expect(page.getByRole('button', { name: 'Ada Lovelace' })).toBeVisible();
        await expectAccessible(page);
        await choose(page, 'Ada Lovelace');
        await expect(title(page)).toHaveText('Hello, Ada Lovelace');
        await expectAccessible(page);
        await openAccount(page);
        await expectAccessible(page);
      });

      test('every page and result', async ({ page, expectTrouble }) => {
        expectTrouble(/403/);
        await openConsole(page, 'Grace Hopper');
        await expectAccessible(page);
        await call(page, '/me');
        await expect(outcome(page)).toContainText('200');
        await expectAccessible(page);
        await call(page, '/reports');
        await expect(outcome(page)).toContainText('403');
        for (const tab of ['Exchange', 'Token', 'curl']) {
          await openTab(page, tab);
          await expectAccessible(page);
        }
        await page.getByRole('button', { name: 'Break something ▾' }).click();
        await expectAccessible(page);
        await page.keyboard.press('Escape');
        for (const name of ['What happened when you signed in', 'Paste a token', 'Live']) {
          await page.getByRole('link', { name }).click();
          await expect(title(page)).toBeVisible();
          await expectAccessible(page);
        }
        await page.getByRole('link', { name: 'Reports', exact: true }).click();
        await expect(page.getByRole('alert')).toBeVisible();
        await expectAccessible(page);
        await page.getByRole('button', { name: 'Request reports:read and retry' }).click();
        await expect(page.getByRole('table')).toBeVisible();
        await page.getByRole('button', { name: 'Request reports:write to create' }).click();
        await expect(page.getByRole('table')).toBeVisible();
        await expectAccessible(page);
        await page.getByRole('button', { name: 'New report' }).click();
        await page.getByRole('button', { name: 'Submit' }).click();
        await expect(page.getByText('Enter a title.')).toBeVisible();
        await expectAccessible(page);
        await page.getByRole('button', { name: 'Cancel' }).click();
        await openProfile(page);
        await expect(page.getByRole('row', { name: 'email grace@example.com' })).toBeVisible();
        await expectAccessible(page);
      });

      test('invalid settings, a failed sign-in, an error of Okta', async ({
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
        await expect(title(page)).toHaveText('Check the app’s settings');
        await expect(page.getByRole('region')).toHaveCount(2);
        await expectAccessible(page);
      });

      test('/docs', async ({ page, expectTrouble }) => {
        expectTrouble(/401 .* at http:\/\/localhost:8000\/reports/);
        await requestUnknownScope(page);
        await page.goto(`${API}/docs`);
        await expect(page.getByRole('button', { name: 'Authorize', exact: true })).toBeVisible();
        await expectAccessible(page);
        for (const method of ['GET', 'POST']) {
          await openOperation(page, '/reports', method);
          await expectAccessible(page);
        }
        await execute(operation(page, '/reports'));
        await expectAccessible(page);
        const dialog = await openAuthorize(page);
        await expectAccessible(page);
        await dialog.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
        await expect(dialog.getByText('invalid_scope')).toBeVisible();
        await expectAccessible(page);
        await page.keyboard.press('Escape');
        await expectAccessible(page);
      });
    });

/** Change the API's document so that /docs requests a scope that Okta does not have. */
async function requestUnknownScope(page: Page) {
  await page.route('**/openapi.json', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace('"openid":', '"unknown":"","openid":');
    await route.fulfill({ response, body });
  });
}

async function expectAccessible(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => ({
    id,
    at: nodes.map(({ target }) => target.join(' ')),
  }));
  expect(found, page.url()).toEqual([]);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow, `${page.url()} scrolls sideways`).toBeLessThanOrEqual(0);
}
