import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { animate } from './apng.ts';
import { API, APP, OKTA } from './environment.ts';
import {
  call,
  openAccount,
  openConsole,
  openProfile,
  openTab,
  outcome,
  route,
  sendAs,
  send,
  signInButton,
} from './steps.ts';

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
      await inTheConsole(page, shoot);
      await inTheApp(page, shoot);
      await docs(page, shoot);
      await context.close();
    });
  }
}

for (const colorScheme of ['light', 'dark'] as const)
  test(`README pictures, ${colorScheme}`, async ({ browser }) => {
    const context = await browser.newContext({
      baseURL: APP,
      colorScheme,
      viewport: { width: 900, height: 620 },
    });
    const page = await context.newPage();
    const frames: { png: Buffer; milliseconds: number }[] = [];
    const frame = async (milliseconds: number) => {
      await page.evaluate(() => {
        window.scrollTo(0, 0);
      });
      frames.push({ png: await page.screenshot(), milliseconds });
    };
    const folder = join(tmpdir(), 'screenshots');

    await page.goto('/');
    await expect(page.getByText('ready', { exact: true })).toBeVisible();
    await frame(1500);
    await page.getByRole('button', { name: 'Be Grace' }).click();
    await page.getByRole('link', { name: /A scope is missing/ }).click();
    await expect(outcome(page)).toContainText('Nothing is sent yet');
    await frame(1200);
    await send(page);
    await expect(page.getByText(/checks passed before it/)).toBeVisible();
    await frame(2500);
    const retry = page.getByRole('button', { name: 'Request reports:read and retry' });
    await retry.hover();
    await frame(1000);
    await retry.click();
    await expect(page.getByText(/checks passed/)).toBeVisible();
    await frame(2500);
    writeFileSync(join(folder, `scope-${colorScheme}.png`), animate(frames));
    await context.close();
  });

type Shoot = (name: string) => Promise<void>;

async function signedOut(page: Page, shoot: Shoot) {
  await page.goto('/nowhere');
  await shoot('not-found');
  await page.goto('/login/callback?code=stolen&state=forged');
  await expect(page.getByRole('alert')).toBeVisible();
  await shoot('sign-in-failed');
  await page.route('**/config.js', (asked) =>
    asked.fulfill({
      contentType: 'text/javascript',
      body: `window.__CONFIG__ = { issuer: 'https://{yourOktaDomain}/oauth2/default', clientId: '' };`,
    }),
  );
  await page.goto('/');
  await shoot('settings');
  await page.unroute('**/config.js');
  await page.route('**/readyz', (asked) => asked.abort());
  await page.goto('/');
  await expect(page.getByText('not reachable')).toBeVisible();
  await shoot('landing-api-down');
  await page.unroute('**/readyz');
  await page.goto('/');
  await expect(page.getByText('ready', { exact: true })).toBeVisible();
  await shoot('landing');
  await page.route('**/openid-configuration', (asked) => asked.abort());
  await signInButton(page).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByText('Details').click();
  await shoot('okta-down');
  await page.unroute('**/openid-configuration');
  await signInButton(page).click();
  await expect(page.getByRole('button', { name: 'Ada Lovelace' })).toBeVisible();
  await shoot('local-okta-sign-in');
}

async function inTheConsole(page: Page, shoot: Shoot) {
  await openConsole(page);
  await shoot('console');
  await call(page, '/me');
  await expect(outcome(page)).toContainText('200');
  await shoot('console-me');
  await call(page, '/reports');
  await expect(outcome(page)).toContainText('403');
  await shoot('console-scope');
  await shoot('console-scope-view');
  for (const tab of ['Token', 'curl']) {
    await openTab(page, tab);
    await shoot(`console-${tab.toLowerCase()}`);
  }
  await sendAs(page, 'changed signature');
  await call(page, '/me');
  await expect(outcome(page)).toContainText('401');
  await shoot('console-changed-signature');
  await page.getByRole('button', { name: 'Break something ▾' }).click();
  await shoot('console-break-view');
  await page.getByRole('menuitem', { name: 'Take Okta down' }).click();
  await expect(page.getByText('Okta is down.', { exact: true })).toBeVisible();
  await shoot('console-broken-view');
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await sendAs(page, 'no token');
  await call(page, '/me');
  await expect(outcome(page)).toContainText('No token was sent');
  await shoot('console-no-token');
  await sendAs(page, 'pasted token');
  await route(page, '/reports', 'POST').click();
  await shoot('console-form');
  await sendAs(page, /^me/);
  await call(page, '/payslip');
  await page.getByRole('button', { name: 'Confirm it is you and retry' }).click();
  await expect(page.getByRole('button', { name: 'I have no second factor' })).toBeVisible();
  await shoot('local-okta-second-factor');
  await page.getByRole('button', { name: 'I have no second factor' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await shoot('second-factor-missing');
  await page.goto('/console');
  await page.route(`${API}/me`, (asked) => asked.abort());
  await call(page, '/me');
  await expect(outcome(page)).toContainText('Try again');
  await shoot('console-api-down');
  await page.unroute(`${API}/me`);
  await page.getByRole('link', { name: 'What happened when you signed in' }).click();
  await shoot('sign-in-story');
  await page.getByRole('link', { name: 'Paste a token' }).click();
  await page.getByLabel('Token').fill('eyJhbGciOiJub25lIn0.eyJzdWIiOiJldmUifQ.AAAA');
  await expect(page.getByRole('region', { name: 'Verdict' })).toBeVisible();
  await shoot('paste-a-token');
  await page.getByRole('link', { name: 'Live' }).click();
  await page.getByRole('button', { name: 'Connect' }).click();
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  await shoot('live');
}

async function inTheApp(page: Page, shoot: Shoot) {
  await page.goto('/');
  await shoot('home');
  await openAccount(page);
  await shoot('account-view');
  // On a phone, the menu covers the navigation.
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Reports', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await shoot('reports-forbidden');
  await page.getByRole('button', { name: 'Request reports:read and retry' }).click();
  await page.getByRole('button', { name: 'Request reports:write to create' }).click();
  await expect(page.getByRole('table')).toBeVisible();
  await shoot('reports');
  await page.getByRole('button', { name: 'New report' }).click();
  await page.getByRole('button', { name: 'Submit' }).click();
  await expect(page.getByText('Enter a title.')).toBeVisible();
  await shoot('reports-new-view');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page
    .getByRole('button', { name: /^Delete/ })
    .first()
    .click();
  await shoot('reports-delete-view');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.route(`${API}/reports*`, (asked) =>
    asked.fulfill({
      headers: { 'Access-Control-Allow-Origin': '*' },
      json: { reports: [], next: null },
    }),
  );
  await page.reload();
  await expect(page.getByText('There are no reports yet.')).toBeVisible();
  await shoot('reports-empty');
  await page.route('**/assets/Profile-*.js', (asked) => asked.fulfill({ status: 404 }));
  await openProfile(page);
  await expect(page.getByRole('alert')).toBeVisible();
  await shoot('crashed');
  await page.unrouteAll();
  await page.goto('/profile');
  await expect(page.getByRole('table')).toBeVisible();
  await shoot('profile');
  await page.route('**/config.js', (asked) =>
    asked.fulfill({
      contentType: 'text/javascript',
      body: 'window.__CONFIG__ = { idleMinutes: 2 };',
    }),
  );
  await page.clock.install();
  await page.reload();
  await page.clock.runFor(70_000);
  await expect(page.getByRole('alertdialog')).toBeVisible();
  await shoot('idle-view');
  await page.clock.runFor(70_000);
  await expect(page.getByText('Nobody used this app for 2 minutes.')).toBeVisible();
  await shoot('signed-out-idle');
  await page.goto(`${OKTA}/`);
  await shoot('local-okta');
}

async function docs(page: Page, shoot: Shoot) {
  await page.goto(`${API}/docs`);
  await expect(page.getByRole('button', { name: 'Authorize' })).toBeVisible();
  await shoot('docs');
}
