import { APP, browser, ISSUER } from './environment.ts';
import { signIn, signInButton, signOut, openProfile, storedTokens, title } from './steps.ts';
import { expect, test } from './test.ts';

// Playwright turns the back/forward cache off, which people have on.
test.use({
  launchOptions: {
    ...browser.launchOptions,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  },
});

test('after signing out, Back shows nothing of Ada', async ({ page }) => {
  await signIn(page);
  await signOut(page);
  await expect(page).toHaveURL(`${APP}/`);
  await page.goBack();
  await expect(signInButton(page)).toBeVisible();
  await expect(page.getByText('Ada Lovelace')).toHaveCount(0);
  expect(await storedTokens(page)).toBeNull();
});

test('after signing out, Back to a protected page asks to sign in', async ({ page }) => {
  await signIn(page);
  await openProfile(page);
  await expect(page.getByRole('cell', { name: 'ada@example.com' }).first()).toBeVisible();
  await signOut(page);
  await page.goBack();
  await expect(page).toHaveURL(/localhost:9000.*\/authorize/);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('a page from the back/forward cache is loaded again', async ({ page }) => {
  await signIn(page);
  // Chromium keeps no page there that was served with no-store, as this one is; other browsers may.
  const loaded = page.waitForEvent('load');
  await page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  });
  await loaded;
  expect(await page.evaluate(lastLoad)).toBe('reload');
  await expect(title(page)).toHaveText('Hello, Ada Lovelace');
});

test('signing out revokes the tokens', async ({ page, request }) => {
  await signIn(page);
  const tokens = await storedTokens(page);
  await signOut(page);
  const held = [tokens?.accessToken.accessToken, tokens?.refreshToken.refreshToken];
  for (const token of held) {
    const response = await request.post(`${ISSUER}/v1/introspect`, {
      form: { token: token ?? '', client_id: '0oalocalspa' },
    });
    expect(await response.json()).toEqual({ active: false });
  }
});

function lastLoad(): string {
  const [entry] = performance.getEntriesByType('navigation');
  return (entry as PerformanceNavigationTiming).type;
}
