import { render, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { Crashed } from './Crashed';

test('a page that throws is replaced by words and a way out', () => {
  // React reports the error there as well.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const Broken = () => {
    throw new Error('broken');
  };
  render(
    <Crashed>
      <Broken />
    </Crashed>,
  );
  expect(screen.getByRole('heading')).toHaveTextContent('Something went wrong');
  expect(screen.getByRole('link')).toHaveAttribute('href', '/');
});
