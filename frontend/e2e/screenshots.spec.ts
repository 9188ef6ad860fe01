import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { API, APP } from './environment.ts';
import { call, outcome, signIn } from './steps.ts';

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
  await page.route('**/openid-configuration', (route) => route.abort());
  await page.goto('/');
  await shoot('signed-out');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await shoot('okta-down');
  await page.unroute('**/openid-configuration');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: 'Ada Lovelace' })).toBeVisible();
  await shoot('local-okta-sign-in');
}

async function signedIn(page: Page, shoot: Shoot) {
  await signIn(page);
  await shoot('signed-in');
  await page.getByRole('button', { name: 'Say hello' }).click();
  await expect(outcome(page)).toContainText('200');
  await shoot('hello');
  await shoot('hello-view');
  await call(page, '/reports');
  await expect(outcome(page)).toContainText('403');
  await shoot('forbidden');
  await page.route(`${API}/me`, (route) => route.abort());
  await call(page, '/me');
  await expect(outcome(page)).toContainText('cannot be reached');
  await shoot('api-down');
  await page.route(`${API}/`, (route) =>
    route.fulfill({
      status: 503,
      headers: {
        'Access-Control-Allow-Origin': APP,
        'Access-Control-Expose-Headers': '*',
        'Retry-After': '5',
        'X-Request-ID': '6431ac3b3ad37def',
      },
      json: { error: 'Service Unavailable' },
    }),
  );
  await call(page, '/');
  await expect(outcome(page)).toContainText('503');
  await shoot('unavailable');
  await page.route('**/v1/userinfo', (route) => route.abort(), { times: 1 });
  await page.goto('/profile');
  await expect(page.getByRole('alert')).toBeVisible();
  await shoot('profile-failed');
  await page.goto('/profile');
  await expect(page.getByRole('table')).toBeVisible();
  await shoot('profile');
}

async function docs(page: Page, shoot: Shoot) {
  await page.goto(`${API}/docs`);
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  // Swagger UI puts the focus below, into the field for a token.
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
