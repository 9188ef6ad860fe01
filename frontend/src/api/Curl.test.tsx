import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { Curl } from './Curl';
import { curlFor } from './curl';

const COMMAND = `curl -i -H "Authorization: Bearer $TOKEN" 'http://localhost:8000/me'`;

test('the token is a shell variable', () => {
  expect(curlFor('http://localhost:8000/me')).toBe(COMMAND);
});

test('a quote in the address cannot end the string of the shell', () => {
  expect(curlFor("http://localhost:8000/hello/'; rm -rf ~'")).toBe(
    `curl -i -H "Authorization: Bearer $TOKEN" 'http://localhost:8000/hello/%27; rm -rf ~%27'`,
  );
});

test('what is copied is what is shown', async () => {
  const user = userEvent.setup();
  render(<Curl url="http://localhost:8000/me" />);
  expect(screen.getByText(COMMAND)).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Copy the curl command' }));
  expect(await navigator.clipboard.readText()).toBe(COMMAND);
  expect(screen.getByRole('status')).toHaveTextContent('Copied.');
});

test('a browser that does not allow copying is told', async () => {
  const user = userEvent.setup();
  vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new DOMException('denied'));
  render(<Curl url="http://localhost:8000/me" />);
  await user.click(screen.getByRole('button', { name: 'Copy the curl command' }));
  expect(screen.getByRole('status')).toHaveTextContent('did not allow it');
});
