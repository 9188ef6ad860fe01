/// <reference types="vite/client" />

interface ImportMetaEnv {
  readonly VITE_OKTA_ISSUER?: string;
  readonly VITE_OKTA_CLIENT_ID?: string;
  readonly VITE_API_URL?: string;
  readonly VITE_DPOP?: string;
  readonly VITE_CONSOLE?: string;
  readonly VITE_IDLE_MINUTES?: string;
}

interface Window {
  /** Set by /config.js, which is loaded first. */
  __CONFIG__?: Partial<import('./config').Config>;
}
