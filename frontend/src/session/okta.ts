import { OktaAuth } from '@okta/okta-auth-js';
import type { Config } from '../config';

// offline_access asks for a refresh token; the application at Okta must allow that grant.
export const SCOPES = ['openid', 'profile', 'email', 'offline_access'];

/** Set up Okta's SDK: code flow with PKCE, tokens in this tab alone, renewed before they end. */
export function createOktaAuth(config: Config): OktaAuth {
  return new OktaAuth({
    issuer: config.issuer,
    clientId: config.clientId,
    redirectUri: `${window.location.origin}/login/callback`,
    postLogoutRedirectUri: window.location.origin,
    scopes: SCOPES,
    pkce: true,
    decodeAccessTokens: true,
    // Each tab holds tokens of its own, so each renews its own: nothing to share or to elect.
    tokenManager: { storage: 'sessionStorage', autoRenew: true, syncStorage: false },
    transactionManager: { enableSharedStorage: false },
    // Discovery and keys are asked for once a page, so that an outage or a new key is noticed.
    storageManager: {
      cache: { storageTypes: ['memory'] },
      'original-uri': { storageTypes: ['sessionStorage'] },
    },
  });
}
