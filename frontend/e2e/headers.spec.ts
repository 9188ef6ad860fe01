import { API, APP } from './environment.ts';
import { expect, test } from './test.ts';

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
