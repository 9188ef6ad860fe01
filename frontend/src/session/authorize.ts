import type { OktaAuth } from '@okta/okta-auth-js/core';

/**
 * Put `token` into the headers of a request. If the tokens of the session are bound to a key, add a
 * DPoP proof of that key for this request (RFC 9449).
 */
export async function authorize(
  oktaAuth: OktaAuth,
  { headers, method, url }: Request,
  token: string,
  nonce?: string,
): Promise<void> {
  const { accessToken } = oktaAuth.tokenManager.getTokensSync();
  if (accessToken?.tokenType !== 'DPoP') {
    headers.set('Authorization', `Bearer ${token}`);
    return;
  }
  const { Authorization, Dpop } = await oktaAuth.getDPoPAuthorizationHeaders({
    url,
    method,
    accessToken: { ...accessToken, accessToken: token },
    ...(nonce !== undefined && { nonce }),
  });
  headers.set('Authorization', Authorization);
  headers.set('DPoP', Dpop);
}
