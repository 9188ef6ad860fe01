import { expect, test } from 'vitest';
import { OPENAPI } from './testing';
import { findRoute, loadRoutes, readRoutes } from './openapi';
import { describe as inWords, predict } from './requirement';
import { serve } from '../testing/server';
import { CONFIG } from '../testing/app';

const routes = readRoutes(OPENAPI);
const requirementOf = (method: string, path: string) =>
  findRoute(routes, method, path)?.requirement ?? null;

test('routes, their requirements and their examples come from the document, public ones last', () => {
  expect(routes.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /hello/{name}',
    'GET /me',
    'GET /reports',
    'POST /reports',
    'POST /reports/{id}/approve',
    'GET /payslip',
    'GET /healthz',
  ]);
  expect(findRoute(routes, 'GET', '/hello/Zo')?.example).toBe('/hello/world');
  expect(findRoute(routes, 'POST', '/reports/7/approve')?.example).toBe('/reports/1/approve');
  expect(JSON.parse(findRoute(routes, 'POST', '/reports')?.body ?? '')).toEqual({
    title: 'Train',
    amount: '1.00',
    pages: 1,
    note: 'text',
  });
  expect(findRoute(routes, 'GET', '/me?x=1')?.path).toBe('/me');
  expect(findRoute(routes, 'DELETE', '/me')).toBeUndefined();
});

test('scopes are known without x-okta too, and a route of any name appears', () => {
  const own = readRoutes({
    paths: { '/orders': { get: { security: [{ okta: ['orders:read'] }] }, head: {} } },
  });
  expect(own).toMatchObject([{ path: '/orders', requirement: { scopes: ['orders:read'] } }]);
});

test.each([
  ['GET', '/healthz', 'no access token'],
  ['GET', '/me', 'any valid token'],
  ['GET', '/reports', 'scope reports:read'],
  ['POST', '/reports/1/approve', 'scope reports:approve, group Admins, not revoked'],
  ['GET', '/payslip', 'second factor, signed in within 5 minutes'],
])('%s %s requires: %s', (method, path, words) => {
  expect(inWords(requirementOf(method, path))).toBe(words);
});

const NOW = 1_800_000_000;
const acr = 'urn:okta:loa:2fa:any';

test.each<[string, string, object | null, Parameters<typeof predict>[2], string | null]>([
  ['GET', '/healthz', null, 'none', null],
  ['GET', '/me', {}, 'own', null],
  ['GET', '/me', {}, 'none', 'no token'],
  ['GET', '/me', {}, 'changed', 'invalid token'],
  ['GET', '/me', null, 'pasted', 'not a JWT'],
  ['GET', '/reports', { scp: ['reports:read'] }, 'own', null],
  ['GET', '/reports', {}, 'pasted', 'reports:read missing'],
  ['POST', '/reports/1/approve', { scp: ['reports:approve'] }, 'own', 'Admins missing'],
  ['GET', '/payslip', {}, 'own', 'second factor missing'],
  ['GET', '/payslip', { acr }, 'own', 'sign-in too old'],
  ['GET', '/payslip', { acr, auth_time: NOW - 301 }, 'own', 'sign-in too old'],
  ['GET', '/payslip', { acr, auth_time: NOW - 299 }, 'own', null],
])('%s %s with %j as %s: %s', (method, path, claims, credential, missing) => {
  expect(predict(requirementOf(method, path), claims && { ...claims }, credential, NOW)).toBe(
    missing,
  );
});

test('a document that is not there is an error', async () => {
  const apiUrl = await serve((_, response) => response.writeHead(404).end());
  await expect(loadRoutes({ ...CONFIG, apiUrl }, AbortSignal.timeout(5000))).rejects.toThrow('404');
});
