import { replace } from 'react-router';
import { INTERRUPTED, signInNotice } from '../session/notices';
import { Interrupted, type Session } from '../session/session';

/** Complete the sign-in that Okta redirected back from, then go where it started. */
export function callback(session: Session) {
  return async () => {
    let path: string;
    try {
      path = await session.completeSignIn();
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- what SignInFailed shows
      throw error instanceof Interrupted ? INTERRUPTED : await signInNotice(error, session.config);
    }
    return replace(path);
  };
}
