import { VARIABLES, type Config } from '../config';
import type { SignIn } from '../session/session';
import type { Outcome, Received } from './outcome';
import { REASONS, type Help } from './reasons';

/** An outcome in words: what it means and what to do about it. */
export interface Advice {
  tone: 'good' | 'bad';
  title: string;
  text: string;
  /** The check that failed, as far as the code says. */
  check?: string | null;
  action?: Action;
}

/** What may help: the same request again, or a sign-in, which may ask for what was missing. */
export type Action =
  | { kind: 'retry' }
  | {
      kind: 'sign-in';
      request: Pick<SignIn, 'scopes' | 'acrValues' | 'maxAge' | 'prompt' | 'loginHint'>;
    };

/** What a route requires of a person, which a refusal does not name. */
export interface Context {
  groups?: string[];
}

const RETRY: Action = { kind: 'retry' };
const SIGN_IN: Action = { kind: 'sign-in', request: {} };

/** Explain an outcome of a request to the API with the token of this session. */
export function adviceOn(outcome: Outcome, { apiUrl }: Config, context: Context = {}): Advice {
  const { origin } = window.location;
  switch (outcome.kind) {
    case 'received':
      return onResponse(outcome, context);
    case 'offline':
      return bad('You are offline', 'Check your network connection, then try again.', RETRY);
    case 'blocked':
      return bad(
        'The API does not allow this origin',
        `${apiUrl} responds, but does not let ${origin} read the response. Add ${origin} to the API’s CORS_ORIGINS.`,
        RETRY,
      );
    case 'unreachable':
      return bad(
        'The API cannot be reached',
        `No response from ${apiUrl}. Check that the API is running and that apiUrl in config.js (${VARIABLES.apiUrl}) is correct.`,
        RETRY,
      );
    case 'timeout':
      return bad('The API did not respond in time', 'It took more than 10 seconds.', RETRY);
    case 'signed-out':
      return bad('Your session has ended', 'Sign in again to call the API.', SIGN_IN);
  }
}

/** Explain a refusal that a sign-in has not changed; asking once more would only loop. */
export function stillRefused({ action, ...advice }: Advice): Advice {
  if (action?.kind !== 'sign-in') return { ...advice, ...(action && { action }) };
  if (Object.keys(action.request).length === 0) return advice;
  return {
    ...advice,
    title: 'Still refused after signing in',
    text: `${advice.title}, although the sign-in requested what was missing. Okta’s policy decides what it grants: ask your administrator.`,
  };
}

/** Return the label of the button for an action. */
export function labelOf(action: Action): string {
  if (action.kind === 'retry') return 'Try again';
  const { scopes, acrValues, maxAge, prompt } = action.request;
  if (prompt === 'login') return 'Continue as someone else';
  if (acrValues !== undefined || maxAge !== undefined) return 'Confirm it is you and retry';
  return scopes ? `Request ${scopes.join(' ')} and retry` : 'Sign in again';
}

function onResponse(response: Received, context: Context): Advice {
  const { status, code } = response;
  if (status < 400)
    return { tone: 'good', title: 'Success', text: 'The API accepted your token for this route.' };
  return (code !== null ? onCode(code, response, context) : null) ?? onStatus(response);
}

function onCode(code: string, response: Received, { groups }: Context): Advice | null {
  const reason = REASONS[code];
  if (reason === undefined) return null;
  const { title, remedy, check, help } = reason;
  const scopes = response.challenge.scopes.join(' ');
  const specific =
    help === 'request' && scopes !== ''
      ? { title: `The scope ${scopes} is missing` }
      : code === 'forbidden' && groups?.length
        ? {
            title: `This is for the group ${groups.join(', ')}`,
            text: `Your token is valid, but you are not in ${groups.join(' or ')}. Ask an administrator to add you, or continue as someone else.`,
          }
        : null;
  const wait = response.status === 503 && help === 'retry' ? ` ${tryAgain(response)}` : '';
  const action = help && actionFor(help, response);
  return { ...bad(title, remedy + wait, action), check, ...specific };
}

function actionFor(help: Help, { challenge }: Received): Action {
  const { scopes, acrValues, maxAge } = challenge;
  switch (help) {
    case 'retry':
      return RETRY;
    case 'sign-in':
      return SIGN_IN;
    case 'switch-person':
      return { kind: 'sign-in', request: { prompt: 'login' } };
    case 'request':
      return {
        kind: 'sign-in',
        request: {
          ...(scopes.length > 0 && { scopes }),
          ...(acrValues !== null && { acrValues }),
          ...(maxAge !== null && { maxAge }),
        },
      };
  }
}

// Without a code that this app knows: FastAPI's own responses, and those of anything in between.
function onStatus(response: Received): Advice {
  const { status, detail, fields } = response;
  const problems = Object.entries(fields).map(([name, problem]) => `${name}: ${problem}.`);
  switch (status) {
    case 401:
      return bad('The API rejected your token', 'Sign in again to get a new token.', SIGN_IN);
    case 403:
      return bad('Access denied', detail ?? 'Your token is valid, but not for this.');
    case 404:
      return detail === null || detail === 'Not Found'
        ? bad(
            'Not found',
            `The API has no such route. Check the address, and apiUrl in config.js (${VARIABLES.apiUrl}).`,
          )
        : bad('Not found', sentence(detail));
    case 409:
      return bad('This conflicts with what is there', sentence(detail ?? 'Load it again.'));
    case 422:
      return bad(
        'The API does not accept these values',
        problems.join(' ') || sentence(detail ?? ''),
      );
    case 503:
      return bad('The API is not available', tryAgain(response), RETRY);
    default:
      return bad('The API returned an error', `Its status is ${status}.`, RETRY);
  }
}

function tryAgain({ retryAfter }: Received): string {
  if (retryAfter === null) return 'Try again in a moment.';
  return `Try again in ${retryAfter} second${retryAfter === 1 ? '' : 's'}.`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function bad(title: string, text: string, action?: Action): Advice {
  return { tone: 'bad', title, text, ...(action && { action }) };
}
