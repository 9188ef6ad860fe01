/** Why nobody is signed in now, where that needs telling. */
export interface Notice {
  title: string;
  text: string;
  /** Whether asking Okta for new tokens once more may help. */
  retry?: boolean;
}

export const SIGNED_OUT_ELSEWHERE: Notice = {
  title: 'You are signed out',
  text: 'You signed out in another tab.',
};

export const SIGNED_OUT_HERE_ALONE: Notice = {
  title: 'You are signed out here, but maybe not at Okta',
  text: 'Okta could not be reached. Close the browser to end your Okta session for sure.',
};

/** Say why a sign-in could not start. */
export function signInNotice(error: unknown, issuer: string): Notice {
  const told = oauthError(error);
  if (told !== null) return { title: 'Okta refused the sign-in', text: told.text };
  return {
    title: 'Okta cannot be reached',
    text: `There is no usable answer from ${issuer}. Check that it is running and that your network is up, then try again.`,
  };
}

/** Say that tokens could not be renewed; while a refresh token is left, trying again may help. */
export function renewalNotice(refreshTokenLeft: boolean, issuer: string): Notice {
  if (!refreshTokenLeft)
    return { title: 'Your session has ended', text: 'Okta renews it no longer. Sign in again.' };
  return {
    title: 'Your session could not be renewed',
    text: `There is no usable answer from ${issuer}. Try again once your network and Okta are back.`,
    retry: true,
  };
}

/** Say why a sign-in that Okta sent back could not be completed. */
export function callbackNotice(error: unknown, issuer: string): Notice {
  const told = oauthError(error);
  if (told?.code === 'access_denied')
    return { title: 'You have no access to this app', text: told.text };
  if (told?.code === 'invalid_scope')
    return {
      title: 'The sign-in asked for a scope that is not defined',
      text: `${told.text} Define the scope in the authorization server at Okta, or do without it.`,
    };
  if (told !== null) return { title: 'Okta refused the sign-in', text: told.text };
  if (isNamed(error, 'AuthApiError')) return signInNotice(error, issuer);
  return {
    title: 'This sign-in cannot be completed',
    text: 'It was started in another tab, or was completed before. Start again.',
  };
}

// Okta's SDK names its errors; its classes are not told apart by instanceof across bundles.
function oauthError(error: unknown): { code: string; text: string } | null {
  if (!isNamed(error, 'OAuthError')) return null;
  const { errorCode, errorSummary } = error as Error & Record<string, unknown>;
  return { code: String(errorCode), text: String(errorSummary) };
}

function isNamed(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name;
}
