/** Where Okta's SDK stores the tokens of this tab, in sessionStorage. */
export const TOKEN_STORAGE_KEY = 'okta-tokens';

const PENDING_CALL_KEY = 'pending-call';

/** A request to repeat once after the sign-in that its refusal led to. */
export interface PendingCall {
  method: string;
  path: string;
}

/** Store `call` until Okta redirects back, or forget the stored one. */
export function storePendingCall(call: PendingCall | undefined) {
  if (call) sessionStorage.setItem(PENDING_CALL_KEY, JSON.stringify(call));
  else sessionStorage.removeItem(PENDING_CALL_KEY);
}

/** Return the stored call, if any, and forget it: nothing is repeated twice. */
export function takePendingCall(): PendingCall | null {
  const stored = sessionStorage.getItem(PENDING_CALL_KEY);
  storePendingCall(undefined);
  return stored === null ? null : (JSON.parse(stored) as PendingCall);
}
