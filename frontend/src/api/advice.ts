import type { Outcome } from './call';

/** An outcome in words: what it means and what to do about it. */
export interface Advice {
  tone: 'good' | 'bad';
  title: string;
  text: string;
  /** A button that may help; with `scopes`, signing in asks for these besides. */
  action?: { kind: 'sign-in'; scopes?: string[] } | { kind: 'try-again' };
}

type Answered = Extract<Outcome, { kind: 'answered' }>;

/** Put an outcome of calling the API at `apiUrl` into words. */
export function adviceOn(outcome: Outcome, apiUrl: string): Advice {
  switch (outcome.kind) {
    case 'answered':
      return onStatus(outcome);
    case 'unreachable':
      return bad(
        'The API cannot be reached',
        `Nothing can be read from ${apiUrl}. Is the API running, is your network up, and does the API allow the origin ${window.location.origin} (CORS)?`,
        { kind: 'try-again' },
      );
    case 'timeout':
      return bad('The API takes too long', 'There was no answer within 10 seconds.', {
        kind: 'try-again',
      });
    case 'signed-out':
      return bad('Your session has ended', 'Sign in again to call the API.', { kind: 'sign-in' });
  }
}

function onStatus({ status, challenge, retryAfter }: Answered): Advice {
  if (status >= 200 && status < 300)
    return { tone: 'good', title: 'The API answered', text: 'Your token was good for this route.' };
  if (status === 401) return onRefusedToken(challenge.description);
  if (status === 403) return onForbidden(challenge.scope);
  if (status === 503) return onUnavailable(retryAfter);
  if (status === 404)
    return bad('There is nothing at this address', 'The API knows no such route.');
  return bad('The API could not do it', `It answered with status ${status}.`, {
    kind: 'try-again',
  });
}

function onRefusedToken(description: string | null): Advice {
  if (description?.includes('expired'))
    return bad('Your token has expired', 'Sign in again to get a new one.', { kind: 'sign-in' });
  const reason = description === null ? '' : ` Its reason: ${description}.`;
  return bad('The API refused your token', `Sign in again to get a new one.${reason}`, {
    kind: 'sign-in',
  });
}

function onForbidden(scope: string | null): Advice {
  if (scope === null)
    return bad(
      'You may not use this route',
      'Your token is good, but you are not in a group that may do this. Ask whoever manages your groups, or sign in as someone else.',
    );
  return bad(
    'Your token lacks a scope',
    `This route wants ${scope}. Sign in again and ask for it as well; Okta decides whether you get it.`,
    { kind: 'sign-in', scopes: scope.split(' ') },
  );
}

function onUnavailable(retryAfter: number | null): Advice {
  const wait =
    retryAfter === null ? 'in a moment' : `in ${retryAfter} second${retryAfter === 1 ? '' : 's'}`;
  return bad(
    'The API cannot check tokens now',
    `It says nothing against your token: it has no signing keys from Okta. Try again ${wait}.`,
    { kind: 'try-again' },
  );
}

function bad(title: string, text: string, action?: Advice['action']): Advice {
  return { tone: 'bad', title, text, ...(action && { action }) };
}
