import type { AccessToken, OktaAuth } from '@okta/okta-auth-js/core';
import { HOME, type Config } from '../config';
import { flip, readFaults } from './faults';

/** Okta issued no token of the kind that was to be sent. */
export class NotIssued extends Error {}

/** Get a token that Okta issued to this person and that has expired: its clock is set back for a moment. */
export async function expiredToken(config: Config): Promise<string> {
  const { skew } = await issued(readFaults(config));
  await issued(flip(config, 'skew?seconds=-7200'));
  try {
    const { accessToken } = await silently(config, { ignoreLifetime: true });
    return accessToken.accessToken;
  } finally {
    await flip(config, `skew?seconds=${skew}`);
  }
}

/** Get a token that is bound to a key of this browser (RFC 9449), and what signs with that key. */
export async function boundToken(config: Config) {
  return silently(config, { dpop: true });
}

/** Get a further token for the person who is signed in at Okta. It is not stored. */
async function silently(config: Config, options: { ignoreLifetime?: boolean; dpop?: boolean }) {
  const { OktaAuth } = await import('@okta/okta-auth-js/core');
  const oktaAuth: OktaAuth = new OktaAuth({
    issuer: config.issuer,
    clientId: config.clientId,
    redirectUri: `${HOME}/login/callback`,
    scopes: ['openid', 'profile', 'email'],
    pkce: true,
    tokenManager: { storage: 'memory', autoRenew: false },
    storageManager: { cache: { storageTypes: ['memory'] } },
    ...options,
  });
  const { tokens } = await issued(oktaAuth.token.getWithoutPrompt());
  if (tokens.accessToken === undefined) throw new NotIssued('no access token');
  return { oktaAuth, accessToken: tokens.accessToken satisfies AccessToken };
}

function issued<T>(promise: Promise<T>): Promise<T> {
  return promise.catch((error: unknown) => {
    throw new NotIssued('Okta refused', { cause: error });
  });
}
