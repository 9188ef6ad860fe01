import type { SignIn } from './session';

/** Where Okta's SDK stores the tokens of this tab, in sessionStorage. */
export const TOKEN_STORAGE_KEY = 'okta-tokens';

const PENDING_KEY = 'pending-sign-in';
const LAST_KEY = 'last-sign-in';

/** A request to repeat once after the sign-in that its refusal led to. */
export interface PendingCall {
  method: string;
  path: string;
  body?: string;
}

/** A sign-in that was started: what it asked for, and where at Okta. It contains no token. */
export interface StartedSignIn {
  asked: SignIn;
  url: string;
}

/** Store `started` until Okta redirects back. A later one replaces it. */
export function storePending(started: StartedSignIn) {
  sessionStorage.setItem(PENDING_KEY, JSON.stringify(started));
}

/** Return the sign-in that was started, if any, and forget it: nothing is repeated twice. */
export function takePending(): StartedSignIn | null {
  const started = read(PENDING_KEY);
  sessionStorage.removeItem(PENDING_KEY);
  return started;
}

/** Remember the sign-in behind the current tokens. */
export function storeLast(started: StartedSignIn) {
  sessionStorage.setItem(LAST_KEY, JSON.stringify(started));
}

/** Return the sign-in behind the current tokens, if it was in this tab. */
export function readLast(): StartedSignIn | null {
  return read(LAST_KEY);
}

function read(key: string): StartedSignIn | null {
  const stored = sessionStorage.getItem(key);
  return stored === null ? null : (JSON.parse(stored) as StartedSignIn);
}
