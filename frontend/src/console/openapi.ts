import type { Config } from '../config';

/** What a route requires in addition to a valid token (`x-okta` in the OpenAPI document). */
export interface Requirement {
  scopes: string[];
  groups: string[];
  claims: string[];
  /** The accepted classes of a sign-in (RFC 9470). */
  acrValues: string[];
  /** Seconds since the sign-in. */
  maxAge: number | null;
  /** Whether the API asks Okta if the token was revoked. */
  active: boolean;
  dpop: boolean;
}

/** A route of the API. */
export interface ApiRoute {
  method: string;
  /** Parameters are in braces. */
  path: string;
  /** A path to start with. */
  example: string;
  /** A body to start with, as JSON; null for a route without one. */
  body: string | null;
  summary: string;
  /** Null for a public route. */
  requirement: Requirement | null;
}

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

interface Parameter {
  name: string;
  in: string;
  example?: unknown;
  schema?: { type?: string; examples?: unknown[] };
}

interface Schema {
  $ref?: string;
  properties?: Record<string, { default?: unknown; examples?: unknown[]; type?: string }>;
}

interface Operation {
  summary?: string;
  parameters?: Parameter[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
  security?: Record<string, string[]>[];
  'x-okta'?: {
    scopes?: string[];
    groups?: string[];
    claims?: Record<string, unknown>;
    acr_values?: string[];
    max_age?: number;
    active?: boolean;
    dpop?: boolean;
  };
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

/** Read the routes from the API's OpenAPI document; those that need no token come last. */
export async function loadRoutes({ apiUrl }: Config, signal: AbortSignal): Promise<ApiRoute[]> {
  const response = await fetch(`${apiUrl}/openapi.json`, { signal });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return readRoutes((await response.json()) as Document);
}

export function readRoutes(document: Document): ApiRoute[] {
  const routes = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.includes(method.toUpperCase()))
      .map(([method, operation]) => routeOf(method.toUpperCase(), path, operation, document)),
  );
  const rank = ({ requirement }: ApiRoute) => Number(requirement === null);
  return routes.sort((one, other) => rank(one) - rank(other));
}

/** Find the route that a filled path belongs to. */
export function findRoute(routes: ApiRoute[], method: string, path: string): ApiRoute | undefined {
  const [pathname = ''] = path.split('?');
  const matching = routes.filter((route) => {
    const pattern = route.path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+');
    return route.method === method && new RegExp(`^${pattern}$`).test(pathname);
  });
  return matching.find((route) => route.path === pathname) ?? matching[0];
}

function routeOf(method: string, path: string, operation: Operation, document: Document): ApiRoute {
  return {
    method,
    path,
    example: exampleOf(path, operation.parameters ?? []),
    body: bodyOf(operation, document),
    summary: operation.summary ?? '',
    requirement: operation.security?.length === 0 ? null : requirementOf(operation),
  };
}

function requirementOf(operation: Operation): Requirement {
  const declared = operation['x-okta'] ?? {};
  const schemes = operation.security?.flatMap((scheme) => Object.values(scheme)) ?? [];
  return {
    scopes: declared.scopes ?? schemes[0] ?? [],
    groups: declared.groups ?? [],
    claims: Object.keys(declared.claims ?? {}),
    acrValues: declared.acr_values ?? [],
    maxAge: declared.max_age ?? null,
    active: declared.active ?? false,
    dpop: declared.dpop ?? false,
  };
}

function exampleOf(path: string, parameters: Parameter[]): string {
  return parameters
    .filter((parameter) => parameter.in === 'path')
    .reduce((filled, { name, example, schema }) => {
      const value = example ?? schema?.examples?.[0] ?? (schema?.type === 'integer' ? 1 : 'world');
      return filled.replace(`{${name}}`, encodeURIComponent(value as string));
    }, path);
}

function bodyOf({ requestBody }: Operation, { components }: Document): string | null {
  const schema = requestBody?.content?.['application/json']?.schema;
  if (schema === undefined) return null;
  const name = schema.$ref?.split('/').at(-1);
  const named = name === undefined ? undefined : components?.schemas?.[name];
  const { properties = {} } = named ?? schema;
  const example = Object.entries(properties).map(([key, property]) => [
    key,
    property.examples?.[0] ?? property.default ?? (property.type === 'integer' ? 1 : 'text'),
  ]);
  return JSON.stringify(Object.fromEntries(example), null, 2);
}
