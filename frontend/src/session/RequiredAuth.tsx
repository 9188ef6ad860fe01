import { useOktaAuth } from '@okta/okta-react';
import { useEffect } from 'react';
import { Outlet, useLocation } from 'react-router-dom';
import { Loading } from '../Loading';
import { SignedOut } from '../pages/SignedOut';
import { useSession } from './session';

/** Routes within are for the signed-in: others are sent to Okta and come back here. */
export function RequiredAuth() {
  const { authState } = useOktaAuth();
  const { notice, signIn } = useSession();
  const { pathname, search, hash } = useLocation();
  // With something to tell, the next step is the reader's.
  const mustSignIn = authState?.isAuthenticated === false && notice === null;

  useEffect(() => {
    if (mustSignIn) void signIn(pathname + search + hash);
  }, [mustSignIn, signIn, pathname, search, hash]);

  if (authState?.isAuthenticated) return <Outlet />;
  return notice ? <SignedOut /> : <Loading text="Looking for your session…" />;
}
