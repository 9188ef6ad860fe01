import { OktaAuth } from '@okta/okta-auth-js/core';
import { HOME, type Config } from '../config';
import { TOKEN_STORAGE_KEY } from './storage';

// offline_access requests a refresh token; the application in Okta must allow that grant.
export const SCOPES = ['openid', 'profile', 'email', 'offline_access'];

/** Create Okta's SDK: code flow with PKCE, tokens in this tab only, renewed when a call needs it. */
export function createOktaAuth(config: Config): OktaAuth {
  return new OktaAuth({
    issuer: config.issuer,
    clientId: config.clientId,
    redirectUri: `${HOME}/login/callback`,
    postLogoutRedirectUri: HOME,
    scopes: SCOPES,
    pkce: true,
    dpop: config.dpop,
    decodeAccessTokens: true,
    // Each tab has its own tokens and renews them itself. autoRenew: where a call finds them expired.
    tokenManager: {
      storage: 'sessionStorage',
      storageKey: TOKEN_STORAGE_KEY,
      autoRenew: true,
      syncStorage: false,
    },
    // Renewal by a timer would keep the session of somebody who has left alive.
    services: { autoRenew: false, autoRemove: false },
    transactionManager: { enableSharedStorage: false },
    // Fetch discovery and keys once per page, so that an outage or a new key is noticed.
    storageManager: {
      cache: { storageTypes: ['memory'] },
      'original-uri': { storageTypes: ['sessionStorage'] },
    },
    // The session decides where to go next.
    restoreOriginalUri: () => Promise.resolve(),
  });
}
