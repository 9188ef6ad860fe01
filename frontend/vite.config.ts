import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import babel from '@rolldown/plugin-babel';
import tailwindcss from '@tailwindcss/vite';
import react, { reactCompilerPreset } from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const OKTA_SDK = 'node_modules/@okta/okta-auth-js';
// Without the console, its tests are gone too, and they cover some of what it shares with the rest.
const COVERED = existsSync('src/console') ? 90 : 80;

export default defineConfig(({ mode }) => ({
  // Not in the unit tests: their coverage would count the branches that the compiler adds.
  plugins: [
    react(),
    tailwindcss(),
    ...(mode === 'test' ? [] : [babel({ presets: [reactCompilerPreset()] })]),
  ],
  build: { target: 'es2023', cssTarget: 'chrome123' },
  server: { host: 'localhost', port: 3000, strictPort: true },
  test: {
    environment: 'jsdom',
    environmentOptions: { jsdom: { url: 'http://localhost:3000/' } },
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    // A first test may wait for more than one page to be compiled.
    testTimeout: 60_000,
    alias: {
      // The SDK for browsers; Node would get the one for servers.
      '@okta/okta-auth-js/core': resolve(OKTA_SDK, 'esm/browser/exports/exports/core.js'),
      // In Node, this entry would load a second copy of the router.
      'react-router/dom': 'react-router',
    },
    coverage: {
      include: ['src/**/*.{ts,tsx}'],
      exclude: ['src/main.tsx', 'src/testing/**', 'src/console/testing.tsx', 'src/**/*.d.ts'],
      thresholds: { lines: COVERED, statements: COVERED, functions: COVERED, branches: COVERED },
      reporter: ['text'],
    },
    server: { deps: { inline: [/@okta/] } },
  },
}));
