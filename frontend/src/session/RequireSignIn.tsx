import { useEffect } from 'react';
import { Outlet, useLocation } from 'react-router';
import { Landing } from '../pages/Landing';
import { Loading } from '../ui/Loading';
import { useSession, useSessionState } from './context';

/** Routes within require a sign-in: it redirects to Okta, which redirects back here. */
export function RequireSignIn() {
  const session = useSession();
  const { signedIn, notice } = useSessionState();
  const { pathname, search, hash } = useLocation();
  // After a notice, the reader decides what to do next.
  const mustSignIn = signedIn === false && notice === null;

  useEffect(() => {
    if (mustSignIn) void session.signIn({ returnTo: pathname + search + hash, replace: true });
  }, [mustSignIn, session, pathname, search, hash]);

  if (signedIn) return <Outlet />;
  return notice ? <Landing /> : <Loading text="Checking your session…" />;
}
