import { act, render } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { TokenEnd } from './TokenEnd';
import { tokenEndText } from './tokenEndText';

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  [3600 * 5 + 10, 'ends in 5 hours'],
  [3600, 'ends in 60 minutes'],
  [125, 'ends in 2 minutes'],
  [119.5, 'ends in 2 minutes'],
  [119, 'ends in 119 seconds'],
  [1, 'ends in 1 second'],
  [0.2, 'ends in 1 second'],
  [0, 'has ended'],
  [-60, 'has ended'],
])('%d seconds before the end', (left, text) => {
  expect(tokenEndText(1_800_000_000 + left, 1_800_000_000)).toBe(text);
});

test('counts down without being a live region', () => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  const { container } = render(<TokenEnd expiresAt={1_800_000_010} />);
  expect(container).toHaveTextContent('ends in 10 seconds');
  act(() => {
    vi.advanceTimersByTime(4000);
  });
  expect(container).toHaveTextContent('ends in 6 seconds');
  act(() => {
    vi.advanceTimersByTime(6000);
  });
  expect(container).toHaveTextContent('has ended');
  expect(container.querySelector('[aria-live], [role=status], [role=timer]')).toBeNull();
});
