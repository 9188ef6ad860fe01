import { defineConfig } from '@playwright/test';
import { browser, servers } from './e2e/environment.ts';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  testIgnore: 'screenshots.spec.ts',
  // One local Okta with switches serves all tests, so they take turns.
  workers: 1,
  // The gate runs on slow machines too. It reports a test that passes the second time as flaky.
  retries: process.env.CI ? 1 : 0,
  // Generous for a busy machine: only a test that fails waits so long.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  reporter: 'list',
  use: browser,
  webServer: servers,
});
