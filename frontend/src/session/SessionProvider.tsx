import type { OktaAuth } from '@okta/okta-auth-js';
import { useOktaAuth } from '@okta/okta-react';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import {
  renewalNotice,
  SIGNED_OUT_ELSEWHERE,
  SIGNED_OUT_HERE_ALONE,
  signInNotice,
  type Notice,
} from './notices';
import { SCOPES } from './okta';
import { SessionContext, type Session } from './session';

/** Signing in and out, and what there is to tell about it. */
export function SessionProvider({ issuer, children }: { issuer: string; children: ReactNode }) {
  const { oktaAuth } = useOktaAuth();
  const [notice, setNotice] = useState<Notice | null>(null);
  const [leaving, setLeaving] = useState<string | null>(null);
  useFailedRenewal(oktaAuth, issuer, setNotice);
  useSignOutElsewhere(oktaAuth, setNotice);

  const session = useMemo<Omit<Session, 'notice' | 'leaving'>>(
    () => ({
      async signIn(returnTo, extraScopes = []) {
        setLeaving('Going to Okta to sign in…');
        try {
          const scopes = [...SCOPES, ...extraScopes];
          await oktaAuth.signInWithRedirect({ originalUri: returnTo, scopes });
        } catch (error) {
          setNotice(signInNotice(error, issuer));
          setLeaving(null);
        }
      },
      async signOut() {
        setLeaving('Signing out…');
        const tokens = oktaAuth.tokenManager.getTokensSync();
        // First of all here: whatever Okta answers, this browser holds no token any more.
        oktaAuth.tokenManager.clear();
        tellOtherTabs();
        try {
          await oktaAuth.signOut(tokens);
        } catch {
          setNotice(SIGNED_OUT_HERE_ALONE);
          setLeaving(null);
        }
      },
      renew: () => oktaAuth.getOrRenewAccessToken(),
    }),
    [oktaAuth, issuer],
  );

  return <SessionContext value={{ ...session, notice, leaving }}>{children}</SessionContext>;
}

function useFailedRenewal(oktaAuth: OktaAuth, issuer: string, tell: (notice: Notice) => void) {
  useEffect(() => {
    // One failed renewal brings several errors, of which the last says the least: what counts
    // is whether the SDK has kept the refresh token.
    const onError = () => {
      tell(renewalNotice(oktaAuth.getRefreshToken() !== undefined, issuer));
    };
    oktaAuth.tokenManager.on('error', onError);
    return () => {
      oktaAuth.tokenManager.off('error', onError);
    };
  }, [oktaAuth, issuer, tell]);
}

function useSignOutElsewhere(oktaAuth: OktaAuth, tell: (notice: Notice) => void) {
  useEffect(() => {
    const channel = new BroadcastChannel('signed-out');
    channel.onmessage = () => {
      tell(SIGNED_OUT_ELSEWHERE);
      oktaAuth.tokenManager.clear();
    };
    return () => {
      channel.close();
    };
  }, [oktaAuth, tell]);
}

function tellOtherTabs() {
  const channel = new BroadcastChannel('signed-out');
  channel.postMessage(null);
  channel.close();
}
