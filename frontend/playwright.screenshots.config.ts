import { defineConfig } from '@playwright/test';
import config from './playwright.config.ts';

// Pictures of every page to look at, in the system's temp folder; no tests.
export default defineConfig({
  ...config,
  testMatch: 'screenshots.spec.ts',
  testIgnore: [],
  timeout: 60_000,
});
