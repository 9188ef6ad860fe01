import { chromium } from '@playwright/test';
import lighthouse, { desktopConfig } from 'lighthouse';
import puppeteer, { type Page } from 'puppeteer-core';
import { APP, browser } from './environment.ts';
import { expect, test } from './test.ts';

const PORT = 9222;
// The gate runs on slow machines, and only this score depends on the machine.
const performance = process.env.CI ? 0 : 95;
const AT_LEAST = { performance, accessibility: 100, 'best-practices': 100 };

test('Lighthouse finds the landing page, the app and the console fast, accessible and up to date', async () => {
  test.setTimeout(1_200_000);
  const { launchOptions } = browser;
  const args = [...(launchOptions?.args ?? []), `--remote-debugging-port=${PORT}`];
  const chrome = await chromium.launch({ ...launchOptions, args });
  try {
    // Lighthouse drives Puppeteer's pages only, and the session is that of one tab.
    const driver = await puppeteer.connect({ browserURL: `http://127.0.0.1:${PORT}` });
    const page = await driver.newPage();
    await expectGood(page, '/');
    await page.locator('::-p-text(Be Grace)').click();
    await page.locator('::-p-text(Open the reports)').click();
    await page.locator('::-p-text(Request reports:read and retry)').click();
    await page.locator('table').wait();
    for (const path of ['/', '/reports', '/console', '/console/sign-in'])
      await expectGood(page, path);
    await driver.disconnect();
  } finally {
    await chrome.close();
  }
});

async function expectGood(page: Page, path: string) {
  let scores = await measure(page, path);
  // Other programs on the machine only make a page slower: the fastest of three runs counts.
  for (let run = 2; run <= 3 && (scores.performance ?? 0) < AT_LEAST.performance; run++)
    scores = await measure(page, path);
  console.log('Lighthouse:', path, scores);
  for (const [category, least] of Object.entries(AT_LEAST))
    expect(scores[category], `${path}: ${category}`).toBeGreaterThanOrEqual(least);
}

async function measure(page: Page, path: string): Promise<Record<string, number>> {
  const flags = {
    onlyCategories: Object.keys(AT_LEAST),
    disableFullPageScreenshot: true,
    disableStorageReset: true,
  };
  const result = await lighthouse(APP + path, flags, desktopConfig, page);
  expect(new URL(result?.lhr.finalDisplayedUrl ?? '').pathname).toBe(path);
  const categories = Object.values(result?.lhr.categories ?? {});
  return Object.fromEntries(
    categories.map(({ id, score }) => [id, Math.round((score ?? 0) * 100)]),
  );
}
