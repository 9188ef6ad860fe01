import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { loadEnv } from 'vite';
import { defineConfig } from 'vitest/config';
import { chooseConfig } from './src/config.ts';

const OKTA_SDK = 'node_modules/@okta/okta-auth-js';
const HOST = { host: 'localhost', port: 3000, strictPort: true };

export default defineConfig(({ mode }) => ({
  plugins: [react()],
  build: { target: 'es2023', cssTarget: 'chrome123' },
  server: { ...HOST, headers: plainHeaders() },
  preview: {
    ...HOST,
    headers: { ...plainHeaders(), 'Content-Security-Policy': policy(mode) },
  },
  test: {
    environment: 'jsdom',
    environmentOptions: { jsdom: { url: 'http://localhost:3000/' } },
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test-setup.ts'],
    // The SDK for browsers; Node would be given the one for servers.
    alias: { '@okta/okta-auth-js': resolve(OKTA_SDK, 'esm/browser/exports/exports/default.js') },
    server: { deps: { inline: [/@okta/] } },
  },
}));

function plainHeaders() {
  return {
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
  };
}

// Only the built app bears it: Vite's development server puts scripts and styles into the page.
function policy(mode: string) {
  const { issuer, apiUrl } = chooseConfig({}, loadEnv(mode, process.cwd()));
  const [okta, api] = [issuer, apiUrl].map((url) => (URL.canParse(url) ? new URL(url).origin : ''));
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${okta} ${api}`,
    // Without a usable refresh token, the SDK asks Okta in a hidden frame.
    `frame-src ${okta}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
