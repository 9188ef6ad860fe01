import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test } from 'vitest';
import { Tabs } from './Tabs';

const TABS = [
  { name: 'First', content: 'one' },
  { name: 'Second', content: 'two' },
];

function Numbers() {
  const [index, setIndex] = useState(0);
  return <Tabs label="Numbers" tabs={TABS} index={index} onChange={setIndex} />;
}

test('a click shows the panel of a tab', async () => {
  const user = userEvent.setup();
  render(<Numbers />);
  expect(screen.getByRole('tabpanel', { name: 'First' })).toHaveTextContent('one');
  await user.click(screen.getByRole('tab', { name: 'Second' }));
  expect(screen.getByRole('tabpanel', { name: 'Second' })).toHaveTextContent('two');
});

test('arrow keys move between the tabs, around the ends too', async () => {
  const user = userEvent.setup();
  render(<Numbers />);
  await user.tab();
  await user.keyboard('{ArrowLeft}');
  expect(screen.getByRole('tab', { name: 'Second' })).toHaveFocus();
  expect(screen.getByRole('tabpanel')).toHaveTextContent('two');
  await user.keyboard('{ArrowRight}');
  expect(screen.getByRole('tabpanel')).toHaveTextContent('one');
  await user.keyboard('x');
  expect(screen.getByRole('tabpanel')).toHaveTextContent('one');
});
