/** The parts of a refusal that a caller can act on (RFC 6750 section 3, RFC 9470 section 3). */
export interface Challenge {
  error: string | null;
  description: string | null;
  scopes: string[];
  acrValues: string | null;
  /** In seconds. */
  maxAge: number | null;
}

/** Parse the challenge in `WWW-Authenticate`. */
export function parseChallenge(header: string | null): Challenge {
  const parameter = (name: string) =>
    new RegExp(`(?:^\\w+ |,\\s*)${name}="([^"]*)"`, 'i').exec(header ?? '')?.[1] ?? null;
  return {
    error: parameter('error'),
    description: parameter('error_description'),
    scopes: parameter('scope')?.split(' ') ?? [],
    acrValues: parameter('acr_values'),
    maxAge: seconds(parameter('max_age')),
  };
}

/** Parse a number of seconds; null for anything else, a date in `Retry-After` for example. */
export function seconds(value: string | null): number | null {
  return value !== null && /^\d+$/.test(value) ? Number(value) : null;
}
