import type { AccessToken, IDToken, OktaAuth, Token } from '@okta/okta-auth-js/core';
import type { Config } from '../config';
import { authorize } from './authorize';
import {
  environmentNotice,
  renewalNotice,
  SIGNED_OUT_ELSEWHERE,
  SIGNED_OUT_ONLY_HERE,
  signInNotice,
  type Notice,
} from './notices';
import { storePendingCall, takePendingCall, TOKEN_STORAGE_KEY, type PendingCall } from './storage';

/** What the pages show of the session. */
export interface SessionState {
  /** Null until the session has been checked. */
  signedIn: boolean | null;
  tokens: { accessToken: AccessToken; idToken: IDToken } | null;
  /** The access token that the last renewal replaced. It expires like any other. */
  replaced: AccessToken | null;
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
  /** A request to repeat once after the sign-in. */
  repeat?: PendingCall;
  /** Whether Back from Okta's page skips this page, which would only redirect again. */
  replace?: boolean;
}

/** The session of this tab. Okta's SDK is loaded when there are tokens or a sign-in starts. */
export class Session {
  readonly config: Config;
  #state: SessionState = {
    signedIn: null,
    tokens: null,
    replaced: null,
    notice: null,
    leaving: null,
  };
  readonly #listeners = new Set<() => void>();
  readonly #channel = new BroadcastChannel('signed-out');
  #oktaAuth: Promise<OktaAuth> | null = null;
  #repeat: PendingCall | null = null;
  #nonce: string | undefined;
  readonly #goTo: typeof leaveFor;

  /** `goTo` leaves for another page, on which Back returns here unless `replace` is set. */
  constructor(config: Config, goTo = leaveFor) {
    this.config = config;
    this.#goTo = goTo;
    this.#channel.onmessage = () => void this.#signedOutElsewhere();
    const notice = environmentNotice();
    if (notice === null && sessionStorage.getItem(TOKEN_STORAGE_KEY) !== null) void this.#connect();
    else this.#set({ notice, signedIn: false });
  }

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = () => this.#state;

  /** Redirect to Okta. */
  async signIn({ returnTo, scopes = [], repeat, replace = false, ...asked }: SignIn) {
    this.#set({ leaving: 'Going to Okta to sign in…' });
    try {
      const oktaAuth = await this.#connect();
      storePendingCall(repeat);
      const { accessToken } = oktaAuth.tokenManager.getTokensSync();
      const current = accessToken?.scopes ?? [];
      oktaAuth.options.setLocation = (url) => {
        this.#goTo(url, replace);
      };
      await oktaAuth.signInWithRedirect({
        originalUri: returnTo,
        scopes: [...new Set([...(oktaAuth.options.scopes ?? []), ...current, ...scopes])],
        ...asked,
      });
    } catch (error) {
      this.#set({ notice: await signInNotice(error, this.config), leaving: null });
    }
  }

  /**
   * Exchange the code that Okta redirected back with, and return the path to continue at. Return
   * the start page if there is none, or if it is from a sign-in completed before, which Back leads
   * to. Throws the error of Okta or its SDK.
   */
  async completeSignIn(): Promise<string> {
    const call = takePendingCall();
    const oktaAuth = await this.#connect();
    if (!oktaAuth.isLoginRedirect()) return '/';
    const state = new URLSearchParams(window.location.search).get('state') ?? '';
    const pending = Boolean(oktaAuth.transactionManager.exists({ state }));
    if (!pending && oktaAuth.getAccessToken() !== undefined) {
      await oktaAuth.authStateManager.updateAuthState();
      return '/';
    }
    const returnTo: string | undefined = oktaAuth.getOriginalUri(state);
    await oktaAuth.handleRedirect();
    this.#repeat = call;
    return returnTo ?? '/';
  }

  /** Return the request to repeat after the sign-in just completed, once. */
  takeRepeat(): PendingCall | null {
    const call = this.#repeat;
    this.#repeat = null;
    return call;
  }

  async signOut() {
    this.#set({ leaving: 'Signing out…' });
    const oktaAuth = await this.#connect();
    const tokens = oktaAuth.tokenManager.getTokensSync();
    // First remove them here: whatever Okta responds, this browser no longer has a token.
    oktaAuth.tokenManager.clear();
    this.#channel.postMessage(null);
    try {
      await oktaAuth.signOut(tokens);
    } catch {
      this.#set({ notice: SIGNED_OUT_ONLY_HERE, leaving: null });
    }
  }

  /** Return an access token that is not about to expire, or null if Okta issues none. */
  readonly accessToken = async () => (await this.#connect()).getOrRenewAccessToken();

  /**
   * Send a request with `token`, by default an access token that is not about to expire; with
   * DPoP, repeat it once with the nonce that the API asks for. `request` then carries what was sent.
   * Return null if Okta issues no token.
   */
  async send(request: Request, token?: string | null): Promise<Response | null> {
    const value = token ?? (await this.accessToken());
    if (value === null) return null;
    const oktaAuth = await this.#connect();
    const response = await this.#sendOnce(oktaAuth, request, value);
    if (oktaAuth.parseUseDPoPNonceError(response.headers) === null) return response;
    await response.text(); // or the browser keeps the connection busy
    return this.#sendOnce(oktaAuth, request, value);
  }

  /** Return the claims of Okta's userinfo endpoint. */
  async userInfo() {
    return (await this.#connect()).getUser();
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
    // There is no old token where an earlier renewal failed and the SDK removed it.
    oktaAuth.tokenManager.on('renewed', (_, __, old: Token | null) => {
      if (old && 'accessToken' in old) this.#set({ replaced: old });
    });
    oktaAuth.tokenManager.on('error', (error) => void this.#renewalFailed(oktaAuth, error));
    await oktaAuth.start();
    return oktaAuth;
  }

  async #renewalFailed(oktaAuth: OktaAuth, error: unknown) {
    const hasRefreshToken = oktaAuth.getRefreshToken() !== undefined;
    this.#set({ notice: await renewalNotice(error, hasRefreshToken, this.config) });
  }

  async #signedOutElsewhere() {
    if (this.#state.signedIn !== true) return;
    this.#set({ notice: SIGNED_OUT_ELSEWHERE });
    (await this.#connect()).tokenManager.clear();
  }

  #set(change: Partial<SessionState>) {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function leaveFor(url: string, replace: boolean) {
  if (replace) window.location.replace(url);
  else window.location.assign(url);
}
