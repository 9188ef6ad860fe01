import type { SessionState } from '../session/session';

/** What to send as the token. */
export type Credential = 'own' | 'none' | 'changed' | 'id' | 'expired' | 'replayed';

export const CREDENTIALS: Record<Credential, { label: string; text: string }> = {
  own: { label: 'my token', text: 'Your access token, as the app always sends it.' },
  none: { label: 'no token', text: 'No Authorization header. The API must respond 401.' },
  changed: {
    label: 'changed signature',
    text: 'Your access token with its signature changed, as an attacker would send it.',
  },
  id: {
    label: 'ID token',
    text: 'Your ID token, which is for this app and not for the API. A common mistake.',
  },
  expired: {
    label: 'expired token',
    text: 'The access token that the last renewal replaced, once it has expired.',
  },
  replayed: {
    label: 'replayed proof',
    text: 'Your access token with a DPoP proof that was sent before, as from a recorded request.',
  },
};

/** Return the token to send for a credential with another token; null where there is none. */
export function tokenFor(
  credential: Exclude<Credential, 'own' | 'none' | 'replayed'>,
  { tokens, replaced }: SessionState,
): string | null {
  switch (credential) {
    case 'id':
      return tokens?.idToken.idToken ?? null;
    case 'changed':
      return tokens && withChangedSignature(tokens.accessToken.accessToken);
    case 'expired':
      return replaced?.accessToken ?? null;
  }
}

/** Change the first characters of a token's signature. */
export function withChangedSignature(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const start = signature.startsWith('AAAA') ? 'BBBB' : 'AAAA';
  return [header, payload, start + signature.slice(4)].join('.');
}
