/** What came of a call. */
export type Outcome =
  | {
      kind: 'answered';
      status: number;
      statusText: string;
      body: string;
      challenge: Challenge;
      /** Seconds from Retry-After. */
      retryAfter: number | null;
      /** What the API's log calls this request. */
      requestId: string | null;
    }
  | { kind: 'unreachable' }
  | { kind: 'timeout' }
  | { kind: 'signed-out' };

/** The parameters of a Bearer challenge that a reader can use (RFC 6750 section 3). */
export interface Challenge {
  error: string | null;
  description: string | null;
  scope: string | null;
}

const TIMEOUT_MS = 10_000;

/**
 * GET `url` with an access token. Every outcome is returned and none thrown, but for the
 * AbortError once `signal` is aborted.
 */
export async function callApi(url: string, token: string, signal: AbortSignal): Promise<Outcome> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      headers: { Authorization: `Bearer ${token}` },
      cache: 'no-store',
      signal: AbortSignal.any([signal, timeout]),
    });
    return {
      kind: 'answered',
      status: response.status,
      statusText: response.statusText,
      body: await response.text(),
      challenge: parseChallenge(response.headers.get('WWW-Authenticate') ?? ''),
      retryAfter: parseSeconds(response.headers.get('Retry-After')),
      requestId: response.headers.get('X-Request-ID'),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) return { kind: 'timeout' };
    // A browser tells a page no more of a failed fetch than that it failed.
    if (error instanceof TypeError) return { kind: 'unreachable' };
    throw error;
  }
}

function parseChallenge(header: string): Challenge {
  const parameter = (name: string) =>
    new RegExp(`(?:^Bearer |,\\s*)${name}="([^"]*)"`, 'i').exec(header)?.[1] ?? null;
  return {
    error: parameter('error'),
    description: parameter('error_description'),
    scope: parameter('scope'),
  };
}

// Retry-After may also be a date (RFC 9110 section 10.2.3); this API sends seconds.
function parseSeconds(header: string | null): number | null {
  return header !== null && /^\d+$/.test(header) ? Number(header) : null;
}
