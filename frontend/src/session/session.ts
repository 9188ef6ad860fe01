import { createContext, use } from 'react';
import type { Notice } from './notices';

/** What the pages need of the session beside Okta's own `authState`. */
export interface Session {
  /** Why nobody is signed in, if that needs telling. */
  notice: Notice | null;
  /** What is under way while the browser is about to leave for Okta. */
  leaving: string | null;
  /** Go to Okta and come back to `returnTo`, a path of this app. */
  signIn: (returnTo: string, extraScopes?: string[]) => Promise<void>;
  signOut: () => Promise<void>;
  /** Ask Okta for new tokens once more. */
  renew: () => Promise<unknown>;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = use(SessionContext);
  if (session === null) throw new Error('useSession is for children of SessionProvider');
  return session;
}
