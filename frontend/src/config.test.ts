import { describe, expect, test } from 'vitest';
import { chooseConfig, findFaults, type Config } from './config';

const GOOD: Config = {
  issuer: 'https://dev-123456.okta.com/oauth2/default',
  clientId: '0oa1b2c3',
  apiUrl: 'https://api.example.com',
  dpop: false,
  console: false,
  idleMinutes: 0,
};

function remedyFor(change: Partial<Config>): string {
  const faults = findFaults({ ...GOOD, ...change });
  expect(faults).toHaveLength(1);
  return faults[0]?.remedy ?? '';
}

describe('choosing the settings', () => {
  test('a trailing slash of the API is dropped', () => {
    expect(chooseConfig({ apiUrl: 'https://api.example.com/' }, {}).apiUrl).toBe(
      'https://api.example.com',
    );
  });

  test('the local Okta is the default', () => {
    expect(chooseConfig({}, {})).toEqual({
      issuer: 'http://localhost:9000/oauth2/default',
      clientId: '0oalocalspa',
      apiUrl: 'http://localhost:8000',
      dpop: false,
      console: false,
      idleMinutes: 0,
    });
  });

  test('run time wins over the build, setting by setting', () => {
    const env = { VITE_OKTA_ISSUER: 'built', VITE_OKTA_CLIENT_ID: 'built', VITE_API_URL: 'built' };
    expect(chooseConfig({ clientId: 'run time' }, env)).toEqual({
      issuer: 'built',
      clientId: 'run time',
      apiUrl: 'built',
      dpop: false,
      console: false,
      idleMinutes: 0,
    });
  });

  test('DPoP is on only if a setting says true', () => {
    expect(chooseConfig({}, { VITE_DPOP: 'true' }).dpop).toBe(true);
    expect(chooseConfig({ dpop: true }, {}).dpop).toBe(true);
    expect(chooseConfig({ dpop: false }, { VITE_DPOP: 'true' }).dpop).toBe(false);
    expect(chooseConfig({}, { VITE_DPOP: 'no' }).dpop).toBe(false);
  });

  test('the console is part of what a developer runs, and of a build only if a setting says so', () => {
    expect(chooseConfig({}, { DEV: true }).console).toBe(true);
    expect(chooseConfig({}, { DEV: false }).console).toBe(false);
    expect(chooseConfig({ console: true }, { DEV: false }).console).toBe(true);
    expect(chooseConfig({}, { DEV: true, VITE_CONSOLE: 'false' }).console).toBe(false);
  });

  test('a setting that is there but empty is invalid and does not get the default', () => {
    expect(findFaults(chooseConfig({}, { VITE_OKTA_ISSUER: '' }))).toMatchObject([
      { name: 'issuer', variable: 'VITE_OKTA_ISSUER', value: '' },
    ]);
  });
});

describe('faults of the settings', () => {
  test.each([
    GOOD,
    { ...GOOD, issuer: 'http://localhost:9000/oauth2/default' },
    { ...GOOD, apiUrl: 'http://127.0.0.1:8000/' },
    { ...GOOD, apiUrl: 'https://example.com/api' },
    { ...GOOD, issuer: 'https://sso-admin.corp.example/oauth2/default' },
  ])('none in %o', (config) => {
    expect(findFaults(config)).toEqual([]);
  });

  test.each([
    ['', 'is empty'],
    ['https://{yourOktaDomain}/oauth2/default', 'placeholder'],
    ['dev-123456.okta.com/oauth2/default', 'not a URL'],
    ['ftp://dev-123456.okta.com/oauth2/default', 'not a URL'],
    [`${GOOD.issuer} `, 'not a URL'],
    [`${GOOD.issuer}?x`, `Use ${GOOD.issuer}`],
    ['https://dev-1-admin.okta.com/oauth2/default', 'https://dev-1.okta.com/oauth2/default'],
    ['https://dev-1-admin.okta.com', 'https://dev-1.okta.com/oauth2/default'],
    ['https://dev-1-admin.oktapreview.com/?x', 'https://dev-1.oktapreview.com/oauth2/default'],
    ['http://dev-1.okta.com/oauth2/default/?x', 'https://dev-1.okta.com/oauth2/default'],
    ['https://dev-1.okta.com', 'https://dev-1.okta.com/oauth2/default'],
    ['https://dev-1.okta.com/', 'org authorization server'],
    ['https://dev-1.okta.com/oauth2', 'org authorization server'],
    [`${GOOD.issuer}/`, `Use ${GOOD.issuer}`],
    ['http://dev-1.okta.com/oauth2/default', 'https://dev-1.okta.com/oauth2/default'],
  ])('the issuer %j', (issuer, remedy) => {
    const advised = remedyFor({ issuer });
    expect(advised).toContain(remedy);
    // What it says to use has no fault of its own.
    const [url] = /https?:\/\/\S+$/.exec(advised) ?? [];
    expect(findFaults({ ...GOOD, issuer: url ?? '' })).toEqual([]);
  });

  test.each([1, -5, 1441, NaN])('%d idle minutes', (idleMinutes) => {
    expect(remedyFor({ idleMinutes })).toContain('2 to 1440');
  });

  test.each([
    ['', 'is empty'],
    ['{clientId}', 'placeholder'],
    ['0oa1 b2c3', 'space'],
  ])('the client ID %j', (clientId, remedy) => {
    expect(remedyFor({ clientId })).toContain(remedy);
  });

  test.each([
    ['', 'is empty'],
    ['localhost:8000', 'not a plain URL'],
    ['https://api.example.com/?a=1', 'not a plain URL'],
    ['http://api.example.com', 'https://api.example.com'],
  ])('the API %j', (apiUrl, remedy) => {
    expect(remedyFor({ apiUrl })).toContain(remedy);
  });
});
