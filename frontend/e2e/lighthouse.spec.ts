import { chromium } from '@playwright/test';
import lighthouse, { desktopConfig } from 'lighthouse';
import { APP, browser } from './environment.ts';
import { expect, test } from './test.ts';

const PORT = 9222;
// The gate runs on slow machines, and only this score depends on the machine.
const performance = process.env.CI ? 0 : 95;
const AT_LEAST = { performance, accessibility: 100, 'best-practices': 100 };

test('Lighthouse finds the landing page fast, accessible and up to date', async () => {
  test.setTimeout(600_000);
  const { launchOptions } = browser;
  const args = [...(launchOptions?.args ?? []), `--remote-debugging-port=${PORT}`];
  const chrome = await chromium.launch({ ...launchOptions, args });
  try {
    let scores = await measure();
    // Other programs on the machine only make a page slower: the fastest of three runs counts.
    for (let run = 2; run <= 3 && (scores.performance ?? 0) < AT_LEAST.performance; run++)
      scores = await measure();
    console.log('Lighthouse:', scores);
    for (const [category, least] of Object.entries(AT_LEAST))
      expect(scores[category], category).toBeGreaterThanOrEqual(least);
  } finally {
    await chrome.close();
  }
});

async function measure(): Promise<Record<string, number>> {
  const flags = {
    port: PORT,
    onlyCategories: Object.keys(AT_LEAST),
    disableFullPageScreenshot: true,
  };
  const result = await lighthouse(`${APP}/`, flags, desktopConfig);
  const categories = Object.values(result?.lhr.categories ?? {});
  return Object.fromEntries(
    categories.map(({ id, score }) => [id, Math.round((score ?? 0) * 100)]),
  );
}
