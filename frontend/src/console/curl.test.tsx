import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { expectOutcome, openConsole } from './testing';

test('the curl command has no token, and the token command is for the same person', async () => {
  const { call, user, url } = await openConsole();
  await user.clear(screen.getByLabelText('Path'));
  await user.type(screen.getByLabelText('Path'), "/hello/'; rm ~'{Enter}");
  await expectOutcome('200');
  await user.click(screen.getByRole('tab', { name: 'curl' }));
  const command = `curl -i -H "Authorization: Bearer $TOKEN" '${url}/hello/%27; rm ~%27'`;
  expect(screen.getByText(command)).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Copy the curl command' }));
  expect(await navigator.clipboard.readText()).toBe(command);
  expect(await screen.findByText('Copied.')).toBeVisible();
  const token = `TOKEN=$(make -s token ARGS='--user alex@example.com --scope "openid"')`;
  expect(screen.getByText(token)).toBeVisible();
  await call('POST', '/reports');
  await expectOutcome('POST /reports');
  expect(await screen.findByText(/^curl -i -X POST .* -d '\{/s)).toBeVisible();
});

test.each([
  ['a subject that could end a string of the shell', { sub: "alex'; rm -rf ~" }, {}],
  ['a real org', {}, { issuer: 'https://dev-1.okta.com/oauth2/default' }],
])('there is no token command for %s', async (_, claims, config) => {
  const { call, user } = await openConsole(undefined, { claims, config });
  await call('GET', '/me');
  await expectOutcome('200');
  await user.click(screen.getByRole('tab', { name: 'curl' }));
  expect(screen.queryByText(/make -s token/)).toBeNull();
});

test.each([
  ['does not allow copying', { writeText: () => Promise.reject(new DOMException('denied')) }],
  ['has no clipboard', undefined],
])('a browser that %s leaves the text to select', async (_, clipboard) => {
  const { call, user } = await openConsole();
  await call('GET', '/me');
  await expectOutcome('200');
  await user.click(screen.getByRole('tab', { name: 'curl' }));
  vi.spyOn(navigator, 'clipboard', 'get').mockReturnValue(clipboard as unknown as Clipboard);
  await user.click(screen.getByRole('button', { name: 'Copy the curl command' }));
  expect(await screen.findByText(/Select the text and copy it/)).toBeVisible();
});
