/** The parts of a challenge that a caller can act on (RFC 6750 section 3, RFC 9470 section 3). */
export interface Challenge {
  error: string | null;
  scopes: string[];
  acrValues: string | null;
  /** In seconds. */
  maxAge: number | null;
}

/** A check that the API made or did not reach, as it reports it in development. */
export interface Check {
  name: string;
  result: 'passed' | 'failed' | 'not_reached';
  expected: string;
  got: string;
  /** The standard, or Okta's page, that the check is from. */
  source: string;
}

/** What the body of a refusal says. */
export interface Refusal {
  /** The stable reason code. */
  code: string | null;
  /** FastAPI's own text. */
  detail: string | null;
  /** What is wrong with each field that was sent; the name is its path in the body. */
  fields: Record<string, string>;
  /** Null where the API does not explain itself. */
  checks: Check[] | null;
}

/** Parse the challenge in `WWW-Authenticate`. */
export function parseChallenge(header: string | null): Challenge {
  const parameter = (name: string) =>
    new RegExp(`(?:^\\w+ |,\\s*)${name}="([^"]*)"`, 'i').exec(header ?? '')?.[1] ?? null;
  return {
    error: parameter('error'),
    scopes: parameter('scope')?.split(' ') ?? [],
    acrValues: parameter('acr_values'),
    maxAge: seconds(parameter('max_age')),
  };
}

/** Parse the body of a refusal: ours, FastAPI's, or that of something in between. */
export function parseRefusal(body: string): Refusal {
  const { code, detail, checks } = jsonObject(body);
  const errors = Array.isArray(detail) ? detail.filter(isFieldError) : [];
  return {
    code: typeof code === 'string' ? code : null,
    detail: typeof detail === 'string' ? detail : null,
    // Pydantic's own messages say what a value should be; those of a validator come with a prefix.
    fields: Object.fromEntries(
      errors.map(({ loc, msg }) => [loc.slice(1).join('.'), msg.replace(/^Value error, /, '')]),
    ),
    checks: Array.isArray(checks) ? (checks as Check[]) : null,
  };
}

/** Parse a number of seconds; null for anything else, a date in `Retry-After` for example. */
export function seconds(value: string | null): number | null {
  return value !== null && /^\d+$/.test(value) ? Number(value) : null;
}

function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

interface FieldError {
  loc: (string | number)[];
  msg: string;
}

function isFieldError(value: unknown): value is FieldError {
  const { loc, msg } = (value ?? {}) as Partial<FieldError>;
  return Array.isArray(loc) && typeof msg === 'string';
}
