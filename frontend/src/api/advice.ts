import type { Config } from '../config';
import type { SignIn } from '../session/session';
import type { Outcome, Received } from './outcome';

/** An outcome in words: what it means and what to do about it. */
export interface Advice {
  tone: 'good' | 'bad';
  title: string;
  text: string;
  action?: Action;
}

/** What may help: the same request again, or a sign-in that asks for what was missing. */
export type Action =
  { kind: 'retry' } | { kind: 'sign-in'; request: Pick<SignIn, 'scopes' | 'acrValues' | 'maxAge'> };

/** Explain an outcome of a request to the API with the token of this session. */
export function adviceOn(outcome: Outcome, { apiUrl, dpop }: Config): Advice {
  switch (outcome.kind) {
    case 'received':
      return onResponse(outcome, dpop);
    case 'offline':
      return bad('You are offline', 'Check your network connection, then try again.', RETRY);
    case 'blocked':
      return bad(
        'The API does not allow this origin',
        `${apiUrl} responds, but does not let ${window.location.origin} read the response. Add ${window.location.origin} to the API's CORS_ORIGINS.`,
        RETRY,
      );
    case 'unreachable':
      return bad(
        'The API cannot be reached',
        `No response from ${apiUrl}. Check that the API is running and that VITE_API_URL is correct.`,
        RETRY,
      );
    case 'timeout':
      return bad(
        'The API did not respond in time',
        'There was no response within 10 seconds.',
        RETRY,
      );
    case 'signed-out':
      return bad('Your session has ended', 'Sign in again to call the API.', SIGN_IN);
  }
}

/** Explain a refusal that a sign-in has not changed; asking once more would only loop. */
export function stillRefused(advice: Advice): Advice {
  if (advice.action?.kind !== 'sign-in') return advice;
  return bad(
    'Still refused after signing in',
    `${advice.title}, although the sign-in requested what was missing. Okta's policy decides what it grants: ask your administrator.`,
  );
}

/** Return the label of the button for an action. */
export function labelOf(action: Action): string {
  if (action.kind === 'retry') return 'Try again';
  const { scopes, acrValues, maxAge } = action.request;
  if (acrValues !== undefined || maxAge !== undefined) return 'Confirm it is you and retry';
  return scopes ? `Request ${scopes.join(' ')} and retry` : 'Sign in again';
}

const RETRY: Action = { kind: 'retry' };
const SIGN_IN: Action = { kind: 'sign-in', request: {} };

function onResponse(response: Received, dpop: boolean): Advice {
  const { status, retryAfter } = response;
  if (status >= 200 && status < 300)
    return { tone: 'good', title: 'Success', text: 'The API accepted your token for this route.' };
  if (status === 401) return onUnauthorized(response, dpop);
  if (status === 403) return onForbidden(response.challenge.scopes);
  if (status === 404)
    return bad('Not found', 'The API has no such route or item. Check VITE_API_URL.');
  if (status === 503)
    return bad(
      'The API cannot verify tokens right now',
      `Your token was not rejected: the API has no signing keys, or cannot reach Okta. Try again ${inSeconds(retryAfter)}.`,
      RETRY,
    );
  return bad('The API returned an error', `Its status is ${status}.`, RETRY);
}

function onUnauthorized({ challenge }: Received, dpop: boolean): Advice {
  const { error, description, acrValues, maxAge } = challenge;
  if (error === 'insufficient_user_authentication')
    return bad(
      acrValues === null ? 'Your sign-in is too old' : 'A stronger or newer sign-in is required',
      'Your token is valid, but this route requires a recent sign-in or a second factor. Sign in again to confirm it is you.',
      {
        kind: 'sign-in',
        request: { ...(acrValues !== null && { acrValues }), ...(maxAge !== null && { maxAge }) },
      },
    );
  if (error === null && dpop)
    return bad(
      'The API does not accept DPoP',
      'This app sends DPoP tokens (VITE_DPOP). Set DPOP=allowed for the API, or VITE_DPOP=false here.',
    );
  const reason = description ?? '';
  for (const [pattern, title, text] of REASONS)
    if (pattern.test(reason)) return bad(title, `Reason: ${reason}. ${text}`, SIGN_IN);
  return bad(
    'The API rejected your token',
    `${reason && `Reason: ${reason}. `}Sign in again to get a new token.`,
    SIGN_IN,
  );
}

// By what the API says in error_description.
const REASONS: [reason: RegExp, title: string, text: string][] = [
  [
    /^proof (has expired|was issued)/,
    'The clocks differ',
    'A DPoP proof is valid for a minute: set the clocks of this device and of the API automatically.',
  ],
  [/^htu/, 'The API has another URL', 'RESOURCE_URL of the API must be VITE_API_URL of this app.'],
  [
    /with a DPoP proof/,
    'The API requires DPoP',
    'Set VITE_DPOP=true for this app, then sign in again.',
  ],
  [/has expired/, 'Your token has expired', 'Sign in again to get a new token.'],
  [
    /not valid yet/,
    'The clocks differ',
    'The API received a token from the future: set the clocks of the API and of Okta automatically.',
  ],
  [
    /issuer/,
    'The API expects another issuer',
    'OKTA_ISSUER of the API and VITE_OKTA_ISSUER of this app must be the same.',
  ],
  [
    /client/,
    'The API expects another client',
    'VITE_OKTA_CLIENT_ID of this app must be in OKTA_CLIENT_ID of the API.',
  ],
  [
    /audience/,
    'The API expects another audience',
    'The audience of the authorization server in Okta must be in OKTA_AUDIENCE of the API.',
  ],
  [/not active/, 'Your token was revoked', 'Sign in again to get a new token.'],
];

function onForbidden(scopes: string[]): Advice {
  const scope = scopes.join(' ');
  if (scope === '')
    return bad(
      'Access denied',
      "Your token is valid, but you do not meet this route's condition (a group, for example). Ask an administrator, or sign in as someone else.",
    );
  return bad(
    `The scope ${scope} is missing`,
    `Your token is valid, but this route requires ${scope}. Sign in again to request it; Okta's access policy decides whether to grant it.`,
    { kind: 'sign-in', request: { scopes } },
  );
}

function inSeconds(retryAfter: number | null): string {
  if (retryAfter === null) return 'in a moment';
  return `in ${retryAfter} second${retryAfter === 1 ? '' : 's'}`;
}

function bad(title: string, text: string, action?: Action): Advice {
  return { tone: 'bad', title, text, ...(action && { action }) };
}
