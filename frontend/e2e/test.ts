import { test as base, expect, type BrowserContext } from '@playwright/test';
import { OKTA } from './environment.ts';

interface Fixtures {
  /** Declares a console error, page error or failed request that the test causes. */
  expectTrouble: (pattern: RegExp) => void;
  /** Sets a switch of the local Okta; all are reset after the test. */
  switchOkta: (name: string) => Promise<void>;
}

/** Playwright's test, which fails on any trouble in the browser that it did not expect. */
export const test = base.extend<Fixtures>({
  expectTrouble: [
    async ({ context }, use) => {
      const expected: RegExp[] = [];
      const seen = watch(context);
      await use((pattern) => expected.push(pattern));
      const unexplained = seen.filter((trouble) => !expected.some((one) => one.test(trouble)));
      expect(unexplained, 'console errors, page errors and failed requests').toEqual([]);
      const absent = expected.filter((one) => !seen.some((trouble) => one.test(trouble)));
      expect(absent, 'expected trouble that did not happen').toEqual([]);
    },
    { auto: true },
  ],
  switchOkta: [
    async ({ request }, use) => {
      const turn = async (name: string) => {
        expect((await request.post(`${OKTA}/local/${name}`)).ok()).toBe(true);
      };
      await use(turn);
      await turn('reset');
    },
    { auto: true },
  ],
});

export { expect } from '@playwright/test';

/** Collect what goes wrong in any page of a context, a line each. */
export function watch(context: BrowserContext): string[] {
  const seen: string[] = [];
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      seen.push(`console: ${message.text()} at ${message.location().url}`);
  });
  context.on('weberror', (error) => seen.push(`page error: ${error.error().message}`));
  context.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    // Leaving a page cancels its icon and what it asks Okta and the API. Okta's SDK removes its hidden
    // frame once it has the response, loaded or not.
    const dropped =
      /\/icon\.svg$|\/assets\/|prompt=none|\/openid-configuration$|\/local\/people$|\/readyz$|\/healthz$/.test(
        request.url(),
      );
    if (dropped && why === 'net::ERR_ABORTED') return;
    seen.push(`failed: ${request.method()} ${request.url()} ${why}`);
  });
  return seen;
}
