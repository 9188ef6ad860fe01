import type { AccessToken } from '@okta/okta-auth-js/core';
import { expiryText } from './time';
import { useNow } from './useNow';

/** Counts down to the expiry of a token. Not a live region: screen readers would read out every second. */
export function Expiry({ token: { claims, expiresAt } }: { token: AccessToken }) {
  const now = useNow();
  // What the API goes by; the SDK's own time ignores a clock that differs.
  const exp = claims?.exp ?? expiresAt;
  const end = new Date(exp * 1000);
  return (
    <span>
      Your token {expiryText(exp, now)} (
      <time dateTime={end.toISOString()}>
        {end.toLocaleTimeString('en-GB', { timeStyle: 'short' })}
      </time>
      ), and is renewed when a request needs it.
    </span>
  );
}
