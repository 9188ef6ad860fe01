import type { SessionState } from '../session/session';

/** What to send as the token. */
export type Credential =
  'own' | 'none' | 'changed' | 'id' | 'expired' | 'replayed' | 'unproved' | 'pasted';

export const CREDENTIALS: Record<Credential, { label: string; text: string; isValid?: boolean }> = {
  own: { label: 'me', text: 'Your access token, as the app always sends it.', isValid: true },
  none: { label: 'no token', text: 'There is no Authorization header.' },
  changed: {
    label: 'changed signature',
    text: 'This is your access token with its signature changed, as a forger would send it.',
  },
  id: {
    label: 'ID token',
    text: 'The ID token tells this app who you are. An API wants the access token: send that.',
  },
  expired: {
    label: 'expired token',
    text: 'Okta really issued this token to you, with its clock two hours behind for a moment.',
  },
  replayed: {
    label: 'replayed proof',
    text: 'The token is bound to a key, and its proof was sent before, as from a recorded request.',
  },
  unproved: {
    label: 'missing proof',
    text: 'The token is bound to a key and was sent without a proof, as by a thief.',
  },
  pasted: { label: 'pasted token', text: 'The token that you pasted.', isValid: true },
};

/** Return the credential of that name, as an address may have it. */
export function credentialNamed(name: string | null): Credential {
  return name !== null && name in CREDENTIALS ? (name as Credential) : 'own';
}

/** Return the token of this session to send for a credential; null where there is none. */
export function tokenFor(credential: 'changed' | 'id', { tokens }: SessionState): string | null {
  if (tokens === null) return null;
  return credential === 'id'
    ? tokens.idToken.idToken
    : withChangedSignature(tokens.accessToken.accessToken);
}

/** Change the first characters of a token's signature. */
export function withChangedSignature(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const start = signature.startsWith('AAAA') ? 'BBBB' : 'AAAA';
  return [header, payload, start + signature.slice(4)].join('.');
}
