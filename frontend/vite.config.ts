import { resolve } from 'node:path';
import babel from '@rolldown/plugin-babel';
import react, { reactCompilerPreset } from '@vitejs/plugin-react';
import { loadEnv } from 'vite';
import { defineConfig } from 'vitest/config';
import { chooseConfig } from './src/config.ts';

const OKTA_SDK = 'node_modules/@okta/okta-auth-js';
const HOST = { host: 'localhost', port: 3000, strictPort: true };

export default defineConfig(({ mode }) => ({
  // Not in the unit tests: their coverage would count the branches that the compiler adds.
  plugins: [react(), ...(mode === 'test' ? [] : [babel({ presets: [reactCompilerPreset()] })])],
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
    setupFiles: ['src/testing/setup.ts'],
    // A first test may wait for more than one page to be compiled.
    testTimeout: 30_000,
    alias: {
      // The SDK for browsers; Node would get the one for servers.
      '@okta/okta-auth-js/core': resolve(OKTA_SDK, 'esm/browser/exports/exports/core.js'),
      // In Node, this entry would load a second copy of the router.
      'react-router/dom': 'react-router',
    },
    coverage: {
      include: ['src/**/*.{ts,tsx}'],
      exclude: ['src/main.tsx', 'src/testing/**', 'src/**/*.d.ts'],
      thresholds: { lines: 90, statements: 90, functions: 90, branches: 90 },
      reporter: ['text'],
    },
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

// Only for the built app: Vite's development server adds scripts and styles to the page.
function policy(mode: string) {
  const { issuer, apiUrl } = chooseConfig({}, loadEnv(mode, process.cwd()));
  const [okta = '', api = ''] = [issuer, apiUrl].map((url) =>
    URL.canParse(url) ? new URL(url).origin : '',
  );
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${okta} ${api} ${api.replace(/^http/, 'ws')}`,
    // Without a usable refresh token, the SDK renews tokens in a hidden frame.
    `frame-src ${okta}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
