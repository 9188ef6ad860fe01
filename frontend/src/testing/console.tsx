import { screen, waitFor, within } from '@testing-library/react';
import type { RequestListener } from 'node:http';
import { expect, vi } from 'vitest';
import { renderApp, storeTokens } from './app';
import { serve } from './server';

/** Respond with the path and the Authorization header of a request. */
export const echo: RequestListener = (request, response) =>
  response.end(JSON.stringify({ path: request.url, token: request.headers.authorization }));

/** Open the console, signed in as Ada, with an API at a URL or one that responds as a listener does. */
export async function openConsole(api: string | RequestListener = echo) {
  storeTokens();
  const url = typeof api === 'string' ? api : await serve(api);
  const app = renderApp('/', { apiUrl: url });
  const signIn = vi.spyOn(app.session, 'signIn').mockResolvedValue();
  await screen.findByRole('region', { name: 'Routes' });
  return { ...app, signIn, url, call: (path: string) => app.user.click(routeButton(path)) };
}

/** The button that calls a route. */
export function routeButton(path: string) {
  const has = (button: Element) => button.querySelector('code')?.textContent === path;
  return screen.getByRole('button', { name: (_, button) => has(button) });
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
