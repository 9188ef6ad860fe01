import { defineConfig } from '@playwright/test';
import config from './playwright.config.ts';

// Takes a screenshot of every page, in the system's temp folder.
export default defineConfig({
  ...config,
  testMatch: 'screenshots.spec.ts',
  testIgnore: [],
  timeout: 300_000,
});
