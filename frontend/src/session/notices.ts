import { isLocal, VARIABLES, type Config } from '../config';
import { whyUnreachable } from './probe';

// How a message names a setting of this app.
const ISSUER = `issuer in config.js (${VARIABLES.issuer})`;
const CLIENT_ID = `clientId in config.js (${VARIABLES.clientId})`;
const DPOP = 'dpop: true in config.js (VITE_DPOP=true)';

/** Why a session ended or a sign-in failed, and what to do about it. */
export interface Notice {
  title: string;
  text: string;
  /** The message of Okta or its SDK. */
  details?: string;
  /** Whether requesting new tokens again may help. */
  retry?: boolean;
  /** Whether it is no fault but something to know. */
  expected?: boolean;
}

export const SIGNED_OUT_ELSEWHERE: Notice = {
  title: 'You are signed out',
  text: 'You signed out in another tab.',
  expected: true,
};

export const USER_REVOKED: Notice = {
  title: 'Your access was ended',
  text: 'An administrator signed you out everywhere. Sign in again if you still have access.',
};

export const INTERRUPTED: Notice = {
  title: 'The sign-in was interrupted',
  text: 'This page was reloaded or left before Okta had responded. You have no token yet.',
};

/** Say that nobody did anything for a while. */
export function idleNotice(minutes: number): Notice {
  return {
    title: 'You are signed out',
    text: `Nobody used this app for ${minutes} minutes.`,
    expected: true,
  };
}

export const SIGNED_OUT_ONLY_HERE: Notice = {
  title: 'You are signed out of this app, but maybe not of Okta',
  text: 'Okta could not be reached. To be safe, close all browser windows.',
};

/** Return what in this browser makes a sign-in impossible, or null. */
export function environmentNotice(): Notice | null {
  if (!window.isSecureContext)
    return {
      title: 'This page is not secure',
      text: `Browsers offer the encryption that PKCE requires only to secure pages, and ${window.location.origin} is not one. Use https, or http://localhost.`,
    };
  try {
    sessionStorage.setItem('probe', '');
    sessionStorage.removeItem('probe');
    return null;
  } catch (error) {
    return {
      title: 'Your browser blocks storage for this page',
      text: `A sign-in must store its state until Okta redirects back. Allow cookies and site data for ${window.location.origin}, then reload the page.`,
      details: message(error),
    };
  }
}

/** Return why a sign-in failed, before or after the redirect to Okta. */
export async function signInNotice(error: unknown, config: Config): Promise<Notice> {
  const notice =
    (await networkNotice(error, config)) ?? oauthNotice(error, config) ?? sdkNotice(error, config);
  return { ...notice, details: message(error) };
}

/**
 * Return why tokens could not be renewed. While the SDK still has a refresh token, trying again
 * may help.
 */
export async function renewalNotice(
  error: unknown,
  hasRefreshToken: boolean,
  config: Config,
): Promise<Notice> {
  if (hasRefreshToken)
    return {
      title: 'Your session could not be renewed',
      text:
        (await networkNotice(error, config))?.text ??
        `No usable response from ${config.issuer}. Try again once your network and Okta are back.`,
      details: message(error),
      retry: true,
    };
  return {
    title: 'Your session has ended',
    text: 'Okta no longer renews it. Sign in again. If this happens although you are signed in to Okta, your browser blocks third-party cookies: enable the refresh token grant for the app in Okta, or use a custom domain.',
    details: message(error),
  };
}

async function networkNotice(error: unknown, { issuer }: Config): Promise<Notice | null> {
  if (!isNamed(error, 'AuthApiError')) return null;
  const status = error.xhr?.status;
  if (status === 404)
    return {
      title: 'Wrong issuer',
      text: `There is no authorization server at ${issuer}. Correct the ${ISSUER}.`,
    };
  if (status !== undefined && status > 0)
    return {
      title: 'Okta is not available',
      text: `No usable response from ${issuer}: its status is ${status}. Try again later.`,
    };
  switch (await whyUnreachable(`${issuer}/.well-known/openid-configuration`)) {
    case 'offline':
      return {
        title: 'You are offline',
        text: 'Check your network connection, then try again.',
      };
    case 'blocked':
      return {
        title: 'Okta does not trust this origin',
        text: `${issuer} responds, but does not let ${window.location.origin} read the response. In the Okta Admin Console, under Security, API, Trusted Origins, add ${window.location.origin} for CORS.`,
      };
    case 'unreachable':
      return {
        title: 'Okta cannot be reached',
        text: `No response from ${issuer}. ${isLocal(issuer) ? 'Start the local Okta with make run' : `Check the ${ISSUER} and your network`}, then try again.`,
      };
  }
}

function oauthNotice(error: unknown, { clientId }: Config): Notice | null {
  if (!isNamed(error, 'OAuthError')) return null;
  const text = error.errorSummary ?? '';
  switch (error.errorCode) {
    case 'access_denied':
      return { title: 'You have no access to this app', text };
    case 'invalid_scope':
      return {
        title: 'The sign-in requested a scope that is not defined',
        text: `${text} Add the scope to the authorization server in Okta, or stop requesting it.`,
      };
    case 'invalid_client':
    case 'unauthorized_client':
      return wrongClient(clientId);
    case 'unmet_authentication_requirements':
      return unmetRequirements();
    case 'invalid_dpop_proof':
      return {
        title: 'Okta requires DPoP',
        text: `${text} Set ${DPOP} for this app, or turn DPoP off for it in Okta.`,
      };
    default:
      return { title: 'Okta refused the sign-in', text };
  }
}

// The SDK has no codes for these; each message is one of its own.
function sdkNotice(error: unknown, { issuer, clientId }: Config): Notice {
  const text = message(error);
  if (/issued in the future|JWT expired/.test(text))
    return {
      title: 'Your clock is wrong',
      text: 'The clocks of this device and of Okta differ by more than five minutes, so the new token appears to be from the past or the future. Set the clock of this device automatically, then sign in again.',
    };
  if (text.includes('The issuer ['))
    return {
      title: 'Wrong issuer',
      text: `The token comes from another issuer than ${issuer}. Set the ${ISSUER} to the exact issuer URI shown in the Okta Admin Console.`,
    };
  if (text.includes('The audience [')) return wrongClient(clientId);
  if (text.includes('The acr [')) return unmetRequirements();
  if (text.includes('DPoP'))
    return {
      title: 'This sign-in is not possible with DPoP',
      text: `This app binds its tokens to a key of this browser (${DPOP}), and either Okta or this browser does not support it.`,
    };
  return {
    title: 'This sign-in cannot be completed',
    text: 'It was started in another tab, or was completed before. Start again.',
  };
}

function wrongClient(clientId: string): Notice {
  return {
    title: 'Wrong client',
    text: `Okta does not accept ${clientId} for this sign-in. Set the ${CLIENT_ID} to the client ID of a single-page application with the authorization code grant.`,
  };
}

function unmetRequirements(): Notice {
  return {
    title: 'The authentication requirement is not met',
    text: 'The API requires a stronger sign-in than Okta could provide. Enroll a second factor in Okta, or ask your administrator which factors the policy allows.',
  };
}

interface SdkError extends Error {
  errorCode?: string;
  errorSummary?: string;
  xhr?: { status: number };
}

// By name: instanceof does not hold across bundles.
function isNamed(error: unknown, name: string): error is SdkError {
  return error instanceof Error && error.name === name;
}

function message(error: unknown): string {
  const { name, message: text, errorCode, errorSummary } = error as SdkError;
  return [name, errorCode, errorSummary ?? text].filter(Boolean).join(': ');
}
