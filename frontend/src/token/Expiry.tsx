import type { AccessToken } from '@okta/okta-auth-js/core';
import { expiryText } from './time';
import { useNow } from './useNow';

/** Counts down to the expiry of a token. Not a live region: screen readers would read out every second. */
export function Expiry({ token: { claims, expiresAt } }: { token: AccessToken }) {
  const now = useNow();
  const { iat = 0, exp = 0 } = claims ?? {};
  const end = new Date(expiresAt * 1000);
  return (
    <div className="expiry">
      <p>
        <small>
          {expiryText(expiresAt, now)} (
          <time dateTime={end.toISOString()}>
            {end.toLocaleTimeString([], { timeStyle: 'short' })}
          </time>
          ) · renewed automatically
        </small>
      </p>
      <progress aria-label="Time left" max={exp - iat} value={Math.max(0, expiresAt - now)} />
    </div>
  );
}
