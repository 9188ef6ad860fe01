import createClient, { type Client } from 'openapi-fetch';
import { useMemo } from 'react';
import { useSession } from '../session/context';
import type { Session } from '../session/session';
import { failureOf, receive, type Outcome } from './outcome';
import type { paths } from './schema';

const TIMEOUT_MS = 10_000;

/** A request that did not succeed; `outcome` says why. */
export class ApiError extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(outcome.kind === 'received' ? `status ${outcome.status}` : outcome.kind);
    this.name = 'ApiError';
    this.outcome = outcome;
  }
}

/**
 * Create a client for the API, typed by its OpenAPI document. It sends requests with the access
 * token of `session`, and throws an `ApiError` for everything but a 2xx response.
 */
export function createApi(session: Session): Client<paths> {
  const { apiUrl } = session.config;
  const client = createClient<paths>({
    baseUrl: apiUrl,
    cache: 'no-store',
    async fetch(request) {
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]);
      const response = await session.send(new Request(request, { signal }));
      if (response === null) throw new ApiError({ kind: 'signed-out' });
      return response;
    },
  });
  client.use({
    async onResponse({ response }) {
      if (!response.ok) throw new ApiError(await receive(response));
    },
    async onError({ error }) {
      return error instanceof ApiError ? error : new ApiError(await failureOf(error, apiUrl));
    },
  });
  return client;
}

/** Return the body of a successful response. */
export async function dataOf<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  return data as T;
}

/** Return a client with the token of the current session. */
export function useApi(): Client<paths> {
  const session = useSession();
  return useMemo(() => createApi(session), [session]);
}
