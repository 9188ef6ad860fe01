import type { Requirement } from '../token/requirement';

/** A route of the API, with what it requires in addition to a valid token. */
export interface ApiRoute {
  method: 'GET' | 'POST';
  /** A parameter is in braces. */
  path: string;
  summary: string;
  requirement: Requirement;
  /** The path's parameter, with its first value. */
  parameter?: { name: string; label: string; initial: string };
}

export const ROUTES: ApiRoute[] = [
  { method: 'GET', path: '/', summary: 'Any valid token', requirement: {} },
  {
    method: 'GET',
    path: '/hello/{name}',
    summary: 'Greets the name you enter',
    requirement: {},
    parameter: { name: 'name', label: 'Name', initial: 'world' },
  },
  {
    method: 'GET',
    path: '/me',
    summary: 'Returns what the API read from your token',
    requirement: {},
  },
  {
    method: 'GET',
    path: '/reports',
    summary: 'Requires scope reports:read',
    requirement: { scope: 'reports:read' },
  },
  {
    method: 'POST',
    path: '/reports/{id}/approve',
    summary: 'Requires scope reports:approve; asks Okta if the token was revoked',
    requirement: { scope: 'reports:approve', active: true },
    parameter: { name: 'id', label: 'Report ID', initial: '1' },
  },
  {
    method: 'GET',
    path: '/payslip',
    summary: 'Requires a second factor within the last 5 minutes',
    requirement: { stepUp: { acr: 'urn:okta:loa:2fa:any', maxAge: 300 } },
  },
  {
    method: 'GET',
    path: '/admin',
    summary: 'Requires group Admins',
    requirement: { group: 'Admins' },
  },
];

/** Put the value of its parameter into the path of a route. */
export function fill({ path, parameter }: ApiRoute, value: string): string {
  return parameter ? path.replace(`{${parameter.name}}`, encodeURIComponent(value)) : path;
}

/** Find the route that a filled path belongs to. */
export function findRoute(method: string, path: string): ApiRoute | undefined {
  return ROUTES.find((route) => {
    const pattern = route.path.replace(/\{\w+\}/, '[^/]+');
    return route.method === method && new RegExp(`^${pattern}$`).test(path);
  });
}
