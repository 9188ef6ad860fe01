import { createContext, use, useSyncExternalStore } from 'react';
import type { Session, SessionState } from './session';

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = use(SessionContext);
  if (session === null) throw new Error('useSession requires a SessionContext');
  return session;
}

export function useSessionState(): SessionState {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, session.getState);
}

/** Return the tokens, on a page that requires a sign-in. */
export function useTokens(): NonNullable<SessionState['tokens']> {
  const { tokens } = useSessionState();
  if (tokens === null) throw new Error('useTokens requires RequireSignIn');
  return tokens;
}
