import { jwtDecode } from 'jwt-decode';

/** Header and claims of a token, for display. Only the API verifies them. */
export interface Decoded {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
}

/** Decode a token; null if it is not a JWT. */
export function decode(token: string): Decoded | null {
  try {
    return { header: { ...jwtDecode(token, { header: true }) }, claims: { ...jwtDecode(token) } };
  } catch {
    return null;
  }
}

/** Return a claim that is a list of strings, or the empty list. */
export function list(claims: Decoded['claims'], name: string): string[] {
  const value = claims[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** Return the scopes of Okta (`scp`) or of RFC 9068 (`scope`). */
export function scopesOf(claims: Decoded['claims']): string[] {
  if ('scp' in claims) return list(claims, 'scp');
  return typeof claims.scope === 'string' ? claims.scope.split(' ') : [];
}

/** Return any claim as text. */
export function text(value: unknown): string {
  if (value === undefined) return 'missing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
