import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { animate } from './apng.ts';
import { API, APP, OKTA } from './environment.ts';
import { execute, openAuthorize, openOperation } from './docs.ts';
import {
  call,
  choose,
  openAccount,
  openProfile,
  openTab,
  outcome,
  route,
  sendAs,
  send,
  signInButton,
  signOut,
  storedTokens,
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
        const fullPage = !/^docs|view$/.test(name);
        if (fullPage)
          await page.evaluate(() => {
            window.scrollTo(0, 0);
          });
        await page.screenshot({ path, fullPage });
      };
      await page.request.post(`${OKTA}/local/reset`);
      for (const part of [
        signedOut,
        signingIn,
        requests,
        refusals,
        consolePages,
        reports,
        app,
        docs,
      ])
        await part(page, shoot);
      await context.close();
    });
  }
}

for (const colorScheme of ['light', 'dark'] as const)
  test(`README pictures, ${colorScheme}`, async ({ browser }) => {
    const context = await browser.newContext({
      baseURL: APP,
      colorScheme,
      viewport: { width: 900, height: 680 },
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
  await page.getByText('Details').click();
  await shoot('sign-in-failed');
  await configure(page, { issuer: 'https://{yourOktaDomain}/oauth2/default', clientId: '' });
  await shoot('settings');
  await configure(page, { issuer: 'https://dev-123456.okta.com/oauth2/default' });
  await expect(page.getByRole('region', { name: 'How it works' })).toBeVisible();
  await shoot('landing-okta-org');
  await configure(page, {});
  await expect(page.getByText('ready', { exact: true })).toBeVisible();
  await shoot('landing');
  await page.route('**/readyz', (asked) => asked.abort());
  await page.reload();
  await expect(page.getByText('not reachable')).toBeVisible();
  await shoot('landing-api-down');
}

async function signingIn(page: Page, shoot: Shoot) {
  await page.unrouteAll();
  await page.goto('/');
  await page.route('**/openid-configuration', (asked) => asked.abort());
  await signInButton(page).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByText('Details').click();
  await shoot('okta-down');
  await page.unrouteAll();
  const goOn = await hold(page, '**/openid-configuration');
  await signInButton(page).click();
  await expect(page.getByText('Going to Okta to sign in…')).toBeVisible();
  await shoot('leaving');
  goOn();
  await expect(page.getByRole('button', { name: 'Ada Lovelace' })).toBeVisible();
  await shoot('local-okta-sign-in');
  const exchange = await hold(page, '**/v1/token');
  await choose(page, 'Grace Hopper');
  await expect(page.getByText('Signing you in…')).toBeVisible();
  await shoot('signing-in');
  exchange();
  await expect(page.getByRole('heading', { name: 'Hello, Grace Hopper' })).toBeVisible();
  await shoot('home');
}

async function requests(page: Page, shoot: Shoot) {
  await page.getByRole('link', { name: 'Console', exact: true }).click();
  await expect(route(page, '/me')).toBeVisible();
  await shoot('console');
  await call(page, '/me');
  await expect(outcome(page)).toContainText('200');
  await shoot('console-me');
  await route(page, '/reports', 'POST').click();
  await shoot('console-body');
  await send(page);
  await call(page, '/reports');
  await expect(outcome(page)).toContainText('403');
  await shoot('console-scope');
  await shoot('console-scope-view');
  for (const tab of ['Token', 'curl']) {
    await openTab(page, tab);
    await shoot(`console-${tab.toLowerCase()}`);
  }
  await page.getByRole('button', { name: 'Break something ▾' }).click();
  await shoot('console-break-view');
  await page.getByRole('menuitem', { name: 'Take Okta down' }).click();
  await expect(page.getByText('Okta is down.', { exact: true })).toBeVisible();
  await shoot('console-broken-view');
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await sendAs(page, 'pasted token');
  await shoot('console-nothing-pasted-view');
  const respond = await hold(page, `${API}/healthz`);
  await sendAs(page, 'no token');
  await call(page, '/healthz');
  await shoot('console-waiting-view');
  respond();
  await expect(outcome(page)).toContainText('200');
  await shoot('console-public-view');
}

// What each looks like: its name, and what fills the form.
const REFUSALS = [
  ['no-token', '/me', 'none'],
  ['changed-signature', '/me', 'changed'],
  ['id-token', '/me', 'id'],
  ['expired', '/me', 'expired'],
  ['replayed', '/me', 'replayed'],
  ['stolen', '/me', 'unproved'],
  ['group', '/admin', 'own'],
  ['no-such-route', '/nowhere', 'own'],
  ['second-factor', '/payslip', 'own'],
] as const;

async function refusals(page: Page, shoot: Shoot) {
  await page.goto('/console?path=/admin');
  await send(page);
  await page.getByRole('button', { name: 'Send it as Ada' }).click();
  await expect(outcome(page)).toContainText('200');
  await shoot('console-compared');
  await page.getByRole('button', { name: 'Send it as Grace' }).click();
  await expect(outcome(page)).toContainText('403');
  for (const [name, path, as] of REFUSALS) {
    await page.goto(`/console?${new URLSearchParams({ path, as })}`);
    await send(page);
    await expect(outcome(page)).toContainText(/^\d{3}/);
    await shoot(`console-${name}`);
  }
  await page.getByRole('button', { name: 'Confirm it is you and retry' }).click();
  await expect(page.getByRole('button', { name: 'I have no second factor' })).toBeVisible();
  await shoot('local-okta-second-factor');
  await page.getByRole('button', { name: 'I have no second factor' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await shoot('second-factor-missing');
  await page.goto('/console');
  await page.route(`${API}/me`, (asked) => asked.abort());
  await call(page, '/me');
  await expect(outcome(page)).toContainText('does not allow this origin');
  await shoot('console-cors');
  await page.route(`${API}/**`, (asked) => asked.abort());
  await send(page);
  await expect(outcome(page)).toContainText('cannot be reached');
  await shoot('console-api-down');
  await page.reload();
  await expect(page.getByText('The routes are not known')).toBeVisible();
  await shoot('console-no-routes');
  await page.unrouteAll();
}

async function consolePages(page: Page, shoot: Shoot) {
  await page.getByRole('link', { name: 'What happened when you signed in' }).click();
  await shoot('sign-in-story');
  await page.getByRole('link', { name: 'Paste a token' }).click();
  await shoot('paste');
  await page.getByLabel('Token').fill('eyJhbGciOiJub25lIn0.eyJzdWIiOiJldmUifQ.AAAA');
  await expect(page.getByRole('region', { name: 'Verdict' })).toBeVisible();
  await shoot('paste-refused');
  await page.getByRole('link', { name: 'Send requests with it' }).click();
  await shoot('console-pasted-view');
  await page.getByRole('link', { name: 'Live' }).click();
  await page.getByRole('button', { name: 'Connect' }).click();
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await shoot('live');
}

async function reports(page: Page, shoot: Shoot) {
  await page.getByRole('link', { name: 'Reports', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await shoot('reports-forbidden');
  await page.getByRole('button', { name: 'Request reports:read and retry' }).click();
  await expect(page.getByRole('table')).toBeVisible();
  await shoot('reports-no-write');
  await page.getByRole('button', { name: /^Request reports:write/ }).click();
  await page.getByRole('button', { name: 'New report' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await shoot('reports-form-view');
  await page.getByRole('button', { name: 'Submit' }).click();
  await expect(page.getByText('Enter a title.')).toBeVisible();
  await shoot('reports-form-errors-view');
  await page.getByLabel('Title').fill('Taxi to the airport');
  await page.getByLabel('Amount').fill('31.5');
  await page.getByLabel('Currency').fill('XXQ');
  await page.getByRole('button', { name: 'Submit' }).click();
  await expect(page.getByText(/ISO 4217/)).toBeVisible();
  await shoot('reports-form-refused-view');
  await page.getByLabel('Currency').fill('EUR');
  await page.getByRole('button', { name: 'Submit' }).click();
  await expect(page.getByText(/is submitted/).first()).toBeVisible();
  await shoot('reports-toast-view');
  await shoot('reports');
  await page
    .getByRole('button', { name: /^Delete/ })
    .first()
    .click();
  await shoot('reports-delete-view');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText(/is deleted/).first()).toBeVisible();
  const respond = await hold(page, `${API}/reports`, { reports: [], next: null });
  await page.reload();
  await expect(page.getByText('Loading the reports…')).toBeVisible();
  await shoot('reports-loading');
  respond();
  await expect(page.getByText('There are no reports yet.')).toBeVisible();
  await shoot('reports-empty');
  await page.unrouteAll();
  await page.route(`${API}/**`, (asked) => asked.abort());
  await page.reload();
  await expect(page.getByRole('alert')).toBeVisible();
  await shoot('reports-error');
  await page.unrouteAll();
}

async function app(page: Page, shoot: Shoot) {
  await page.goto('/');
  await openAccount(page);
  await shoot('account-view');
  await page.getByRole('menuitem', { name: 'Switch to Ada' }).click();
  await page.getByRole('link', { name: 'Open the reports' }).click();
  await page.getByRole('button', { name: 'Request reports:read and retry' }).click();
  await expect(page.getByRole('table')).toBeVisible();
  await shoot('reports-administrator');
  await page.route('**/assets/Profile-*.js', (asked) => asked.fulfill({ status: 404 }));
  await openProfile(page);
  await expect(page.getByRole('alert')).toBeVisible();
  await shoot('crashed');
  await page.unrouteAll();
  await page.route('**/v1/userinfo', (asked) => asked.abort());
  await page.goto('/profile');
  await expect(page.getByRole('alert')).toBeVisible();
  await shoot('profile-error');
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('table')).toBeVisible();
  await shoot('profile');
  await signOut(page);
  await signInButton(page).click();
  await choose(page, 'Ada Lovelace');
  await expect(page.getByRole('heading', { name: 'Hello, Ada Lovelace' })).toBeVisible();
  const tokens = await storedTokens(page);
  await page.clock.install();
  await configure(page, { idleMinutes: 2 });
  await expect(page.getByRole('button', { name: /^Account/ })).toBeVisible();
  await page.clock.runFor(70_000);
  await expect(page.getByRole('alertdialog')).toBeVisible();
  await shoot('idle-view');
  await page.clock.runFor(70_000);
  await expect(page.getByText('Nobody used this app for 2 minutes.')).toBeVisible();
  await page.clock.resume();
  await expect(page.getByRole('region', { name: 'How it works' })).toBeVisible();
  await shoot('signed-out-idle');
  await page.goto(`${OKTA}/`);
  await shoot('local-okta');
  await page.goto(`${OKTA}/oauth2/default/v1/authorize?client_id=nobody`);
  await shoot('local-okta-error');
  await page.goto(
    `${OKTA}/oauth2/default/v1/logout?id_token_hint=${tokens?.idToken.idToken ?? ''}`,
  );
  await shoot('local-okta-signed-out');
}

async function docs(page: Page, shoot: Shoot) {
  await page.goto(`${API}/docs`);
  await expect(page.getByRole('button', { name: 'Authorize', exact: true })).toBeVisible();
  await shoot('docs');
  const opened = await openOperation(page, '/reports');
  await execute(opened);
  await shoot('docs-response');
  await openAuthorize(page);
  await shoot('docs-authorize');
}

/** Load the start page with these settings. */
async function configure(page: Page, settings: object) {
  await page.unrouteAll();
  await page.route('**/config.js', async (asked) => {
    const response = await asked.fetch();
    const body = `${await response.text()};Object.assign(window.__CONFIG__, ${JSON.stringify(settings)})`;
    await asked.fulfill({ response, body });
  });
  await page.goto('/');
}

/** Hold back what a request gets, until the function returned is called. */
async function hold(page: Page, url: string, json?: object): Promise<() => void> {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(url, async (asked) => {
    await held;
    if (json) await asked.fulfill({ headers: { 'Access-Control-Allow-Origin': '*' }, json });
    else await asked.continue();
  });
  return release;
}
