import { API, APP } from './environment.ts';
import { expect, test } from './test.ts';

test('the app is served compressed, and its assets are cached for a year', async ({ request }) => {
  const html = await (await request.get(APP)).text();
  const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(html) ?? [];
  const headers = (await request.get(APP + script)).headers();
  expect(headers['content-encoding']).toBe('gzip');
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
});

for (const [path, status, type, cache] of [
  ['/', 200, 'text/html', 'no-store'],
  ['/login/callback', 200, 'text/html', 'no-store'],
  ['/config.js', 200, 'application/javascript', 'no-store'],
  ['/robots.txt', 200, 'text/plain', 'no-store'],
  ['/icon.svg', 200, 'image/svg+xml', 'public, max-age=86400'],
  ['/missing.png', 404, 'text/html', 'no-store'],
  ['/assets/missing', 404, 'text/html', 'no-store'],
] as const)
  test(`the app's ${path} has status ${status}`, async ({ request }) => {
    const response = await request.get(APP + path);
    expect(response.status()).toBe(status);
    expect(response.headers()['content-type']).toBe(type);
    expect(response.headers()['cache-control']).toBe(cache);
  });

for (const [name, url] of [
  ['the app', `${APP}/`],
  ['/docs', `${API}/docs`],
] as const) {
  test(`${name} comes with its security headers`, async ({ request }) => {
    const headers = (await request.get(url)).headers();
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    const scripts = /script-src ([^;]+)/.exec(policy)?.[1];
    expect(scripts).not.toContain('unsafe-inline');
    expect(scripts).not.toContain('unsafe-eval');
  });

  test(`${name} runs no script put into the page`, async ({ page, expectTrouble }) => {
    expectTrouble(/inline script violates .*Content Security Policy/);
    await page.goto(url);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.injected = true';
      document.body.append(script);
    });
    expect(await page.evaluate(() => 'injected' in window)).toBe(false);
  });

  test(`${name} sends nothing to a server it does not know`, async ({ page, expectTrouble }) => {
    expectTrouble(/violates .*Content Security Policy/);
    await page.goto(url);
    const sent = page.evaluate(() => fetch('http://localhost:9001/'));
    await expect(sent).rejects.toThrow('Failed to fetch');
  });

  test(`${name} cannot be framed`, async ({ page, expectTrouble }) => {
    expectTrouble(/violates .*"frame-ancestors 'none'"/);
    expectTrouble(/failed: GET .* net::ERR_BLOCKED_BY_RESPONSE/);
    await page.setContent(`<iframe src="${url}"></iframe>`);
    await expect(page.frameLocator('iframe').getByText('FastAPI with Okta')).toHaveCount(0);
  });
}
