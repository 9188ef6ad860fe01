import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { RouterProvider } from 'react-router/dom';
import { vi } from 'vitest';
import type { Config } from '../config';
import { createRouter } from '../routes';
import { SessionContext } from '../session/context';
import { Session } from '../session/session';
import { TOKEN_STORAGE_KEY } from '../session/storage';

export const CONFIG: Config = {
  // Nothing listens there, whatever else runs on this machine.
  issuer: 'http://localhost:9/oauth2/default',
  clientId: '0oalocalspa',
  apiUrl: 'http://localhost:8000',
  dpop: false,
  console: true,
  idleMinutes: 0,
};

/** Encode claims as a token; its signature is no real one, which the app does not verify. */
export function encode(claims: object, header: object = { kid: 'key', alg: 'RS256' }): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.c2lnbmF0dXJl`;
}

/** Claims of Alex's access token, issued now. */
export function claimsNow(more: object = {}) {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: CONFIG.issuer,
    aud: 'api://default',
    cid: CONFIG.clientId,
    sub: 'alex@example.com',
    scp: ['openid', 'offline_access'],
    groups: ['Everyone', 'Admins'],
    iat: now,
    exp: now + 3600,
    ...more,
  };
}

/** Store tokens as Okta's SDK does. */
export function storeTokens(claims = claimsNow(), idClaimsToo: object = {}) {
  const common = { expiresAt: claims.exp, scopes: claims.scp, authorizeUrl: '' };
  const idClaims = {
    ...claims,
    aud: CONFIG.clientId,
    name: 'Alex Kim',
    email: claims.sub,
    ...idClaimsToo,
  };
  const tokens = {
    accessToken: {
      ...common,
      accessToken: encode(claims),
      claims,
      tokenType: 'Bearer',
      userinfoUrl: `${CONFIG.issuer}/v1/userinfo`,
    },
    idToken: {
      ...common,
      idToken: encode(idClaims),
      claims: idClaims,
      issuer: CONFIG.issuer,
      clientId: CONFIG.clientId,
    },
  };
  sessionStorage.setItem(TOKEN_STORAGE_KEY, JSON.stringify(tokens));
}

/** Render the app at `path`. `goTo` gets the address that a sign-in leaves for. */
export function renderApp(path: string, config: Partial<Config> = {}) {
  window.history.replaceState(null, '', path);
  const goTo = vi.fn<(url: string, replace: boolean) => void>();
  const session = new Session({ ...CONFIG, ...config }, goTo);
  render(
    <SessionContext value={session}>
      <RouterProvider router={createRouter(session)} />
    </SessionContext>,
  );
  return { user: userEvent.setup(), session, goTo };
}
