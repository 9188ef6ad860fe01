import { expect, type Locator, type Page } from '@playwright/test';

/** A route on the page /docs. */
export function operation(page: Page, path: string, method = 'GET'): Locator {
  const summary = page.locator(`[data-path="${path}"]`);
  return page.locator(`.opblock-${method.toLowerCase()}`, { has: summary });
}

export async function openOperation(page: Page, path: string, method = 'GET'): Promise<Locator> {
  const found = operation(page, path, method);
  await found.locator('.opblock-summary-control').click();
  await expect(found.getByRole('button', { name: 'Execute' })).toBeVisible();
  return found;
}

/** Send the request of an open route, and return what the page shows of the response. */
export async function execute(open: Locator): Promise<Locator> {
  await open.getByRole('button', { name: 'Execute' }).click();
  const response = open.locator('.live-responses-table');
  await expect(response).toBeVisible();
  return response;
}

export async function openAuthorize(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Authorize', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  return dialog;
}
