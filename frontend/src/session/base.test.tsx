import { waitFor } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { serve } from '../testing/server';

test('an app that is built for a path has its pages, icon and redirect URI there', async () => {
  vi.stubEnv('BASE_URL', '/app/');
  const { renderApp } = await import('../testing/app'); // which reads the path when it is loaded
  const origin = await serve((_, response) =>
    response.end(JSON.stringify({ issuer: origin, code_challenge_methods_supported: ['S256'] })),
  );
  const { goTo } = renderApp('/app/profile', { issuer: `${origin}/oauth2/default` });
  await waitFor(() => {
    expect(goTo).toHaveBeenCalled();
  });
  const { searchParams } = new URL(goTo.mock.calls[0]?.[0] ?? '');
  expect(searchParams.get('redirect_uri')).toBe('http://localhost:3000/app/login/callback');
  expect(document.querySelector('img')?.src).toBe('http://localhost:3000/app/icon.svg');
});
