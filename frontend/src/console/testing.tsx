import { screen, waitFor, within } from '@testing-library/react';
import type { RequestListener } from 'node:http';
import { expect, vi } from 'vitest';
import type { Config } from '../config';
import { claimsNow, renderApp, storeTokens } from '../testing/app';
import { serve } from '../testing/server';

const okta = (extra: object) => ({ security: [{ okta: [] }], 'x-okta': { scopes: [], ...extra } });

/** What the API says of itself, in short. */
export const OPENAPI = {
  paths: {
    '/healthz': { get: { summary: 'Liveness probe', security: [] } },
    '/hello/{name}': {
      get: {
        summary: 'Greet a name',
        parameters: [{ name: 'name', in: 'path', schema: { type: 'string', examples: ['world'] } }],
        ...okta({}),
      },
    },
    '/me': { get: { summary: 'Describe the caller', ...okta({}) } },
    '/reports': {
      get: { summary: 'List the reports', ...okta({ scopes: ['reports:read'] }) },
      post: {
        summary: 'Create a report',
        requestBody: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/NewReport' } } },
        },
        ...okta({ scopes: ['reports:write'] }),
      },
    },
    '/reports/{id}/approve': {
      post: {
        summary: 'Approve a report',
        parameters: [{ name: 'id', in: 'path', schema: { type: 'integer' } }],
        ...okta({ scopes: ['reports:approve'], groups: ['Admins'], active: true }),
      },
    },
    '/payslip': {
      get: {
        summary: 'Read your payslip',
        ...okta({ acr_values: ['urn:okta:loa:2fa:any'], max_age: 300 }),
      },
    },
  },
  components: {
    schemas: {
      NewReport: {
        properties: {
          title: { type: 'string', examples: ['Train'] },
          amount: { type: 'string', default: '1.00' },
          pages: { type: 'integer' },
          note: { type: 'string' },
        },
      },
    },
  },
};

/** Respond with the path and the Authorization header of a request. */
export const echo: RequestListener = (request, response) =>
  response.end(JSON.stringify({ path: request.url, token: request.headers.authorization }));

interface Options {
  query?: string;
  /** Whether the API is asked for the checks of an accepted request. */
  explains?: boolean;
  openapi?: object | null;
  config?: Partial<Config>;
  claims?: object;
}

/** Open the console as Alex, with an API at a URL or one that responds as a listener does. */
export async function openConsole(api: string | RequestListener = echo, options: Options = {}) {
  const { query = '', explains = false, openapi = OPENAPI, config = {}, claims = {} } = options;
  storeTokens(claimsNow(claims));
  const listener: RequestListener = (request, response) => {
    const isForApi = request.url !== '/openapi.json' && (explains || request.url !== '/checks');
    if (isForApi && typeof api !== 'string') api(request, response);
    else if (openapi === null || request.url === '/checks') response.writeHead(404).end();
    else response.end(JSON.stringify(openapi));
  };
  const url = typeof api === 'string' ? api : await serve(listener);
  const app = renderApp(`/console${query}`, { apiUrl: url, ...config });
  const signIn = vi.spyOn(app.session, 'signIn').mockResolvedValue();
  await screen.findByRole('region', { name: 'Result' });
  const call = async (method: string, path: string) => {
    await choose(app.user, method, path);
    await send(app.user);
  };
  return { ...app, signIn, url, call };
}

type User = ReturnType<typeof renderApp>['user'];

/** Fill the form with a route. */
export async function choose(user: User, method: string, path: string) {
  await user.click(await screen.findByRole('button', { name: routeName(method, path) }));
}

export function routeName(method: string, path: string): RegExp {
  return new RegExp(`^${method} ?${path.replace(/[{}]/g, '\\$&')} ?[A-Z]`);
}

export async function send(user: User) {
  await user.click(screen.getByRole('button', { name: 'Send' }));
}

/** What the console says about the last request. */
export function outcome() {
  return within(screen.getByRole('region', { name: 'Result' })).getAllByRole('status')[0];
}

/** Wait until the outcome contains all of `words`. */
export async function expectOutcome(...words: (string | RegExp)[]) {
  for (const word of words)
    await waitFor(() => {
      expect(outcome()).toHaveTextContent(word);
    });
}
