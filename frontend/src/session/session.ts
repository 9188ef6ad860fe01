import type { AccessToken, IDToken, OktaAuth } from '@okta/okta-auth-js/core';
import type { Config } from '../config';
import { authorize } from './authorize';
import {
  environmentNotice,
  renewalNotice,
  SIGNED_OUT_ELSEWHERE,
  SIGNED_OUT_ONLY_HERE,
  signInNotice,
  USER_REVOKED,
  type Notice,
} from './notices';
import {
  storeLast,
  storePending,
  takePending,
  TOKEN_STORAGE_KEY,
  type PendingCall,
} from './storage';

/** What the pages show of the session. */
export interface SessionState {
  /** Null until the session has been checked. */
  signedIn: boolean | null;
  tokens: { accessToken: AccessToken; idToken: IDToken } | null;
  notice: Notice | null;
  /** What to show while the browser leaves for Okta. */
  leaving: string | null;
}

export interface SignIn {
  /** A path of this app to come back to. */
  returnTo: string;
  /** Scopes to request in addition to those of the current token. */
  scopes?: string[];
  /** The authentication to require from Okta (RFC 9470). */
  acrValues?: string;
  maxAge?: number;
  loginHint?: string;
  /** `login` asks who it is, although Okta has a session. */
  prompt?: 'login';
  /** A request to repeat once after the sign-in. */
  repeat?: PendingCall;
  /** Whether Back from Okta's page skips this page, which would only redirect again. */
  replace?: boolean;
}

/** A request to repeat after a sign-in, and whether the same person has sent it before. */
export interface Repeat extends PendingCall {
  repeated: boolean;
}

/** A sign-in that Okta did not redirect back from with a code, because the page was left. */
export class Interrupted extends Error {}

/** The session of this tab. Okta's SDK is loaded when there are tokens or a sign-in starts. */
export class Session {
  readonly config: Config;
  #state: SessionState = { signedIn: null, tokens: null, notice: null, leaving: null };
  readonly #listeners = new Set<() => void>();
  readonly #channel = new BroadcastChannel('signed-out');
  #oktaAuth: Promise<OktaAuth> | null = null;
  #repeat: Repeat | null = null;
  #failed: SignIn | null = null;
  #nonce: string | undefined;
  readonly #goTo: typeof leaveFor;

  /** `goTo` leaves for another page, on which Back returns here unless `replace` is set. */
  constructor(config: Config, goTo = leaveFor) {
    this.config = config;
    this.#goTo = goTo;
    this.#channel.onmessage = ({ data }) =>
      void this.#end((data as Notice | null) ?? SIGNED_OUT_ELSEWHERE);
    const notice = environmentNotice();
    if (notice === null && sessionStorage.getItem(TOKEN_STORAGE_KEY) !== null) void this.#connect();
    else this.#set({ notice, signedIn: false });
  }

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = () => this.#state;

  /** Redirect to Okta. Scopes of the current token are requested again, except for another person. */
  async signIn(asked: SignIn) {
    const { returnTo, scopes = [], acrValues, maxAge, loginHint, prompt, replace = false } = asked;
    this.#set({ leaving: 'Going to Okta to sign in…' });
    try {
      const oktaAuth = await this.#connect();
      const { accessToken } = oktaAuth.tokenManager.getTokensSync();
      const current = isForSamePerson(asked) ? (accessToken?.scopes ?? []) : [];
      oktaAuth.options.setLocation = (url) => {
        storePending({ asked, url });
        this.#goTo(url, replace);
      };
      await oktaAuth.signInWithRedirect({
        originalUri: returnTo,
        scopes: [...new Set([...(oktaAuth.options.scopes ?? []), ...current, ...scopes])],
        ...(acrValues !== undefined && { acrValues }),
        ...(maxAge !== undefined && { maxAge }),
        ...(loginHint !== undefined && { loginHint }),
        ...(prompt !== undefined && { prompt }),
      });
    } catch (error) {
      this.#set({ notice: await signInNotice(error, this.config), leaving: null });
    }
  }

  /**
   * Exchange the code that Okta redirected back with, and return the path to continue at. Return
   * the start page if there is none, or if it is from a sign-in completed before, which Back leads
   * to. Throws the error of Okta or its SDK, or `Interrupted`.
   */
  async completeSignIn(): Promise<string> {
    const started = takePending();
    this.#failed = started?.asked ?? null;
    const oktaAuth = await this.#connect();
    if (!oktaAuth.isLoginRedirect()) {
      if (started !== null) throw new Interrupted();
      return '/';
    }
    const state = new URLSearchParams(window.location.search).get('state') ?? '';
    const pending = Boolean(oktaAuth.transactionManager.exists({ state }));
    if (!pending && oktaAuth.getAccessToken() !== undefined) {
      await oktaAuth.authStateManager.updateAuthState();
      return '/';
    }
    const returnTo: string | undefined = oktaAuth.getOriginalUri(state);
    // A reload during the exchange finds the code gone: remember what was asked for until it is done.
    // A failure keeps it, because a reload ends the exchange with one.
    if (started !== null) storePending(started);
    await oktaAuth.handleRedirect();
    takePending();
    if (started !== null) storeLast(started);
    this.#failed = null;
    if (started?.asked.repeat)
      this.#repeat = { ...started.asked.repeat, repeated: isForSamePerson(started.asked) };
    return returnTo ?? '/';
  }

  /** What the sign-in that failed asked for; null if it was not started in this tab. */
  get failedSignIn(): SignIn | null {
    return this.#failed;
  }

  /** Return the request to repeat after the sign-in just completed, once. */
  takeRepeat(): Repeat | null {
    const call = this.#repeat;
    this.#repeat = null;
    return call;
  }

  /** Sign out here, in every other tab and at Okta; `notice` says why, if not by choice. */
  async signOut(notice: Notice | null = null) {
    this.#set({ leaving: 'Signing out…' });
    const oktaAuth = await this.#connect();
    const tokens = oktaAuth.tokenManager.getTokensSync();
    // First remove them here: whatever Okta responds, this browser no longer has a token.
    oktaAuth.tokenManager.clear();
    this.#channel.postMessage(notice);
    try {
      if (notice === null) await oktaAuth.signOut(tokens);
      else {
        await oktaAuth.revokeAccessToken(tokens.accessToken);
        await oktaAuth.revokeRefreshToken(tokens.refreshToken);
        this.#set({ notice, leaving: null });
      }
    } catch {
      this.#set({ notice: notice ?? SIGNED_OUT_ONLY_HERE, leaving: null });
    }
  }

  /** Return an access token that is not about to expire, or null if Okta issues none. */
  readonly accessToken = async (): Promise<string | null> => {
    const oktaAuth = await this.#connect();
    const token = await oktaAuth.getOrRenewAccessToken();
    if (token !== null || oktaAuth.getRefreshToken() !== undefined) return token;
    // Okta no longer takes the refresh token, but may still have a session: renew in the hidden frame.
    await oktaAuth.authStateManager.updateAuthState();
    return oktaAuth.getAccessToken() ?? null;
  };

  /**
   * Send a request with `token`, by default an access token that is not about to expire; with
   * DPoP, repeat it once with the nonce that the API asks for. `request` then carries what was sent.
   * Return null if Okta issues no token. If an administrator ended the person's access, the session
   * ends in every tab.
   */
  async send(request: Request, token?: string | null): Promise<Response | null> {
    const value = token ?? (await this.accessToken());
    if (value === null) return null;
    const oktaAuth = await this.#connect();
    let response = await this.#sendOnce(oktaAuth, request, value);
    if (oktaAuth.parseUseDPoPNonceError(response.headers) !== null) {
      await response.text(); // or the browser keeps the connection busy
      response = await this.#sendOnce(oktaAuth, request, value);
    }
    if (token === undefined && (await isUserRevoked(response))) {
      this.#channel.postMessage(USER_REVOKED);
      void this.#end(USER_REVOKED);
    }
    return response;
  }

  /** Return the claims of Okta's userinfo endpoint. */
  async userInfo() {
    const oktaAuth = await this.#connect();
    await oktaAuth.getOrRenewAccessToken();
    return oktaAuth.getUser();
  }

  async #sendOnce(oktaAuth: OktaAuth, request: Request, token: string) {
    await authorize(oktaAuth, request, token, this.#nonce);
    // A clone, because a body can be sent once.
    const response = await fetch(request.clone());
    this.#nonce = response.headers.get('DPoP-Nonce') ?? this.#nonce;
    return response;
  }

  #connect(): Promise<OktaAuth> {
    return (this.#oktaAuth ??= this.#start());
  }

  async #start(): Promise<OktaAuth> {
    const { createOktaAuth } = await import('./okta');
    const oktaAuth = createOktaAuth(this.config);
    oktaAuth.authStateManager.subscribe(({ isAuthenticated, accessToken, idToken }) => {
      if (isAuthenticated && accessToken && idToken)
        this.#set({ signedIn: true, tokens: { accessToken, idToken }, notice: null });
      else this.#set({ signedIn: false, tokens: null });
    });
    oktaAuth.tokenManager.on('error', (error) => void this.#renewalFailed(oktaAuth, error));
    await oktaAuth.start();
    return oktaAuth;
  }

  async #renewalFailed(oktaAuth: OktaAuth, error: unknown) {
    const hasRefreshToken = oktaAuth.getRefreshToken() !== undefined;
    this.#set({ notice: await renewalNotice(error, hasRefreshToken, this.config) });
  }

  /** End the session in this tab alone. */
  async #end(notice: Notice) {
    if (this.#state.signedIn !== true) return;
    (await this.#connect()).tokenManager.clear();
    this.#set({ signedIn: false, tokens: null, notice });
  }

  #set(change: Partial<SessionState>) {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function isForSamePerson({ prompt, loginHint }: SignIn): boolean {
  return prompt === undefined && loginHint === undefined;
}

async function isUserRevoked(response: Response): Promise<boolean> {
  if (response.status !== 401) return false;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return (body as { code?: unknown } | null)?.code === 'user_revoked';
}

function leaveFor(url: string, replace: boolean) {
  if (replace) window.location.replace(url);
  else window.location.assign(url);
}
