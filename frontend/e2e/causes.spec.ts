import type { Page, Route } from '@playwright/test';
import { API, API_SETTINGS, ISSUER, PYTHON, REPOSITORY } from './environment.ts';
import { start, type Program } from './processes.ts';
import { outcome, route, send, shown, signIn, storedAccessToken } from './steps.ts';
import { expect, test } from './test.ts';

/** Why a request comes to nothing, and what the console then shows. */
interface Cause {
  name: string;
  /** The name of the credential in the address of the console. */
  as?: string;
  person?: string;
  request?: string;
  /** Switches of the local Okta, before the sign-in. */
  okta?: string[];
  /** What an API of its own is started with. */
  settings?: Record<string, string>;
  /** What else happens before the request is sent. */
  before?: (page: Page, api: Program | null) => Promise<void>;
  /** What the browser reports of it. */
  trouble: RegExp[];
  title: string;
  /** The check that the API says has failed. */
  check: string | null;
  /** The only button; none where no click can help. */
  button: string | null;
}

const OWN_API = 'http://localhost:8002';
const APPROVAL = 'POST /reports/1/approve';
const AS_IT_MUST = 'The API rejects this, as it must';

const refused = (status: number) => new RegExp(`${status} .* at http://localhost:800[02]/`);
// Okta asks for a nonce before it binds a token to a key.
const NONCE = /400 .*\/v1\/token/;

/** Sent on purpose, so the refusal is right, and no button follows. */
const sent = (as: string, reason: string, check: string | null, trouble: RegExp[] = []) => ({
  name: `sent with: ${as}`,
  as,
  trouble: [refused(401), ...trouble],
  title: `${AS_IT_MUST}.*Reason: ${reason}\\.`,
  check,
  button: null,
});

/** Settings of the API that fit no token, so that no button follows. */
const settings = (changed: Record<string, string>, title: string, check: string) => ({
  name: `the API has ${Object.entries(changed)[0]?.join('=') ?? ''}`,
  settings: changed,
  trouble: [refused(401)],
  title,
  check,
  button: null,
});

const CAUSES: Cause[] = [
  sent('none', 'No token was sent', null),
  sent('changed', 'The signature is not valid', 'signature'),
  sent('id', 'The API expects another audience', 'aud'),
  sent('expired', 'Your token has expired', 'exp'),
  sent('unproved', 'This token works only with its key', 'cnf', [NONCE]),
  sent('replayed', 'The proof was used before', 'cnf', [NONCE]),
  {
    name: 'a malformed token',
    before: (page) => replaceToken(page, () => 'opaque'),
    trouble: [refused(401)],
    title: 'This is not a JWT',
    check: 'form',
    button: 'Sign in again',
  },
  {
    name: 'an unknown key',
    before: (page) => replaceToken(page, withAnotherKeyId),
    trouble: [refused(401)],
    title: 'The signing key is not known',
    check: 'key',
    button: 'Sign in again',
  },
  {
    name: 'an expired token of this session',
    // Issued by a clock that is behind, it has expired although the browser does not know.
    okta: ['skew?seconds=-200', 'token-lifetime?seconds=150'],
    trouble: [refused(401)],
    title: 'Your token has expired',
    check: 'exp',
    button: 'Sign in again',
  },
  settings({ OKTA_AUDIENCE: 'api://another' }, 'The API expects another audience', 'aud'),
  settings({ OKTA_CLIENT_ID: '0oaanother' }, 'The API expects another client', 'client'),
  settings(
    { OKTA_ISSUER: `${ISSUER}-another`, OKTA_JWKS_URI: `${ISSUER}/v1/keys` },
    'The API expects another issuer',
    'iss',
  ),
  settings({ DPOP: 'required', RESOURCE_URL: OWN_API }, 'The API requires DPoP', 'cnf'),
  {
    name: 'a missing scope',
    request: 'GET /reports',
    trouble: [refused(403)],
    title: 'The scope reports:read is missing',
    check: 'scope',
    button: 'Request reports:read and retry',
  },
  {
    name: 'a missing group',
    person: 'Grace Hopper',
    request: 'GET /admin',
    trouble: [refused(403)],
    title: 'This is for the group Admins',
    check: 'group',
    button: 'Continue as someone else',
  },
  {
    name: 'a sign-in that is too weak',
    request: 'GET /payslip',
    trouble: [refused(401)],
    title: 'A stronger sign-in is required',
    check: 'acr',
    button: 'Confirm it is you and retry',
  },
  {
    name: 'a revoked token',
    request: APPROVAL,
    before: async (page) => {
      await requestScope(page);
      await page.getByRole('button', { name: 'Break something ▾' }).click();
      await page.getByRole('menuitem', { name: 'Revoke my token' }).click();
      await expect(page.getByText(/Okta revoked your token/).first()).toBeVisible();
    },
    // In the end, the report is approved already.
    trouble: [refused(403), refused(401), refused(409)],
    title: 'Your token was revoked',
    check: 'active',
    button: 'Sign in again',
  },
  {
    name: 'no introspection',
    request: APPROVAL,
    settings: { INTROSPECTION_CLIENT_ID: '', INTROSPECTION_CLIENT_SECRET: '' },
    before: requestScope,
    trouble: [refused(403), refused(503)],
    title: 'The API cannot ask Okta about tokens',
    check: 'active',
    button: null,
  },
  {
    name: 'no signing keys',
    // Nothing listens there.
    settings: { OKTA_JWKS_URI: 'http://localhost:9001/keys' },
    trouble: [refused(503)],
    title: 'The API has no signing keys.*Try again in \\d+ seconds?\\.',
    check: 'key',
    button: 'Try again',
  },
  {
    name: 'an API that is down',
    settings: {},
    before: async (page, api) => {
      await expect(route(page, '/me')).toBeVisible();
      await api?.stop();
    },
    trouble: [/ERR_CONNECTION_REFUSED/],
    title: `The API cannot be reached.*No response from ${OWN_API}`,
    check: null,
    button: 'Try again',
  },
  {
    name: 'an API that hangs',
    settings: {},
    before: async (page, api) => {
      await expect(route(page, '/me')).toBeVisible();
      api?.freeze();
    },
    trouble: [/failed: GET http:\/\/localhost:8002\/me net::ERR_ABORTED/],
    title: 'The API did not respond in time',
    check: null,
    button: 'Try again',
  },
  {
    name: 'an origin that the API does not allow',
    settings: { CORS_ORIGINS: 'https://app.example.com' },
    trouble: [/from origin 'http:\/\/localhost:3000' .* by CORS policy/, /ERR_FAILED/],
    title: 'The API does not allow this origin.*Add http://localhost:3000 to',
    check: null,
    button: 'Try again',
  },
];

// The built app's policy names only the API on port 8000.
test.use({ bypassCSP: true });

for (const cause of CAUSES)
  test(cause.name, async ({ page, switchOkta, expectTrouble }) => {
    const { as = 'own', request = 'GET /me', title, check, button } = cause;
    const [method = '', path = ''] = request.split(' ');
    for (const pattern of cause.trouble) expectTrouble(pattern);
    const api = cause.settings ? await startApi(cause.settings) : null;
    try {
      await useApi(page, api ? OWN_API : API);
      for (const name of cause.okta ?? []) await switchOkta(name);
      await signIn(page, cause.person);
      await page.goto(`/console?${new URLSearchParams({ method, path, as })}`);
      await cause.before?.(page, api);
      await send(page);
      await expect(outcome(page)).toContainText(new RegExp(title));
      await expect(failedChecks(page)).toHaveText(check === null ? [] : [check]);
      await expect(outcome(page).getByRole('button')).toHaveText(button === null ? [] : [button]);
      if (button === 'Sign in again') {
        await switchOkta('reset');
        await outcome(page).getByRole('button').click();
        await expect(outcome(page)).toContainText(/200Success|409/);
      }
    } finally {
      await api?.stop();
    }
  });

test('an offline browser is named, and a retry works once it is back', async ({
  page,
  context,
  expectTrouble,
}) => {
  expectTrouble(/net::ERR_INTERNET_DISCONNECTED/);
  // A browser that is offline still reaches localhost.
  const remote = 'https://api.invalid';
  const forward = async (asked: Route) => {
    const url = asked.request().url().replace(remote, API);
    await asked.fulfill({ response: await asked.fetch({ url }) });
  };
  await useApi(page, remote);
  await page.route(`${remote}/**`, forward);
  await signIn(page);
  await page.goto('/console');
  await expect(route(page, '/me')).toBeVisible();
  await page.unroute(`${remote}/**`);
  await context.setOffline(true);
  await send(page);
  await expect(outcome(page)).toContainText('You are offline');
  await context.setOffline(false);
  await page.route(`${remote}/**`, forward);
  await page.getByRole('button', { name: 'Try again' }).press('Enter');
  await expect(outcome(page)).toContainText('200Success');
  await expect(page.getByRole('region', { name: 'Result' })).toBeFocused();
});

/** The names of the checks that the console shows as failed. */
function failedChecks(page: Page) {
  return page
    .getByRole('region', { name: 'What the API checked' })
    .getByRole('listitem')
    .filter({ has: page.getByRole('img', { name: 'failed' }) })
    .locator('b');
}

async function requestScope(page: Page) {
  await send(page);
  await page.getByRole('button', { name: 'Request reports:approve and retry' }).click();
  await expect(shown(page)).toContainText('Authorization: Bearer');
  await expect(outcome(page)).not.toContainText('is missing');
}

/** Put another access token in the place of this tab's. */
async function replaceToken(page: Page, change: (token: string) => string) {
  const token = await storedAccessToken(page);
  await page.evaluate(
    ([before, after]) => {
      const key = 'okta-tokens';
      const stored = sessionStorage.getItem(key) ?? '';
      sessionStorage.setItem(key, stored.replaceAll(before, after));
    },
    [token, change(token)] as const,
  );
}

function withAnotherKeyId(token: string): string {
  const [header = '', ...rest] = token.split('.');
  const { kid, ...others } = JSON.parse(Buffer.from(header, 'base64url').toString()) as {
    kid: string;
  };
  const changed = JSON.stringify({ ...others, kid: `${kid}-another` });
  return [Buffer.from(changed).toString('base64url'), ...rest].join('.');
}

/** Start a second API. */
async function startApi(changed: Record<string, string>): Promise<Program> {
  const command = [PYTHON, '-m', 'uvicorn', 'backend.main:app', '--port', '8002'];
  const env = { ...API_SETTINGS, ...changed };
  return start(command, `${OWN_API}/healthz`, { cwd: REPOSITORY, env });
}

/** Let the app call the API at `apiUrl`. */
async function useApi(page: Page, apiUrl: string) {
  const body = `window.__CONFIG__ = ${JSON.stringify({ apiUrl, console: true })};`;
  await page.route('**/config.js', (asked) =>
    asked.fulfill({ contentType: 'text/javascript', body }),
  );
}
