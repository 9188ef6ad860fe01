import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { API, APP } from './environment.ts';
import { call, outcome, openTab, sendWith, signIn, signInButton } from './steps.ts';

const WIDTHS = { phone: 390, desktop: 1280 };

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [device, width] of Object.entries(WIDTHS)) {
    test(`${device} ${colorScheme}`, async ({ browser }) => {
      const context = await browser.newContext({
        baseURL: APP,
        colorScheme,
        viewport: { width, height: 800 },
        deviceScaleFactor: device === 'phone' ? 2 : 1,
      });
      const page = await context.newPage();
      const shoot = async (name: string) => {
        const path = join(tmpdir(), 'screenshots', `${name}-${device}-${colorScheme}.png`);
        await page.evaluate(() => {
          window.scrollTo(0, 0);
        });
        await page.screenshot({ path, fullPage: !/^docs|view$/.test(name) });
      };
      await signedOut(page, shoot);
      await signedIn(page, shoot);
      await docs(page, shoot);
      await context.close();
    });
  }
}

type Shoot = (name: string) => Promise<void>;

async function signedOut(page: Page, shoot: Shoot) {
  await page.goto('/nowhere');
  await shoot('not-found');
  await page.goto('/login/callback?code=stolen&state=forged');
  await expect(page.getByRole('alert')).toBeVisible();
  await shoot('sign-in-failed');
  await page.route('**/config.js', (route) =>
    route.fulfill({
      contentType: 'text/javascript',
      body: `window.__CONFIG__ = { issuer: 'https://{yourOktaDomain}/oauth2/default', clientId: '' };`,
    }),
  );
  await page.goto('/');
  await shoot('settings');
  await page.unroute('**/config.js');
  await page.goto('/');
  await expect(page.getByText('reachable')).toBeVisible();
  await shoot('landing');
  await page.route('**/openid-configuration', (route) => route.abort());
  await signInButton(page).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByText('Details').click();
  await shoot('okta-down');
  await page.unroute('**/openid-configuration');
  await signInButton(page).click();
  await expect(page.getByRole('button', { name: 'Ada Lovelace' })).toBeVisible();
  await shoot('local-okta-sign-in');
}

async function signedIn(page: Page, shoot: Shoot) {
  await signIn(page);
  await shoot('console');
  await call(page, '/hello/{name}');
  await expect(outcome(page)).toContainText('200');
  await shoot('console-hello');
  await call(page, '/reports');
  await expect(outcome(page)).toContainText('403');
  await shoot('console-scope');
  await shoot('console-scope-view');
  await openTab(page, 'curl');
  await shoot('console-curl');
  await openTab(page, /Checks/);
  await shoot('console-checks');
  await sendWith(page, 'changed signature');
  await call(page, '/me');
  await expect(outcome(page)).toContainText('401');
  await shoot('console-changed-signature');
  await sendWith(page, 'my token');
  await page.route(`${API}/me`, (route) => route.abort());
  await call(page, '/me');
  await expect(outcome(page)).toContainText('Try again');
  await shoot('console-api-down');
  await page.getByRole('button', { name: /^Account/ }).click();
  await shoot('account-view');
  // On a phone, the menu covers the navigation.
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Token' }).click();
  await expect(page.getByRole('table')).toHaveCount(2);
  await shoot('token');
  await page.getByRole('link', { name: 'Reports' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await shoot('reports-forbidden');
  await page.getByRole('button', { name: 'Request reports:read and retry' }).click();
  await expect(page.getByRole('table')).toBeVisible();
  await shoot('reports');
  await page.getByRole('link', { name: 'Live' }).click();
  await page.getByRole('button', { name: 'Connect' }).click();
  await shoot('live');
  await page.goto('/profile');
  await expect(page.getByRole('table')).toBeVisible();
  await shoot('profile');
}

async function docs(page: Page, shoot: Shoot) {
  await page.goto(`${API}/docs`);
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  // Swagger UI moves the focus below, into the field for a token.
  await page.locator('.modal-ux-content').evaluate((dialog) => {
    dialog.scrollTo(0, 0);
  });
  await shoot('docs-authorize');
  const popup = page.waitForEvent('popup');
  await page.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
  // With a session at Okta, the popup asks nothing and closes by itself.
  await popup;
  await expect(page.getByRole('button', { name: 'Remove authorization' })).toBeVisible();
  await shoot('docs-authorized');
}
