import * as Radix from '@radix-ui/react-tabs';
import type { ReactNode } from 'react';

interface Props {
  label: string;
  /** The panels by the names of their tabs. */
  tabs: Record<string, ReactNode>;
  /** The tab that is open. */
  value: string;
  onChange: (name: string) => void;
}

const TAB =
  'focusable -mb-px cursor-pointer border-b-2 border-transparent px-3 py-2 text-soft hover:text-ink ' +
  'data-[state=active]:border-accent data-[state=active]:font-semibold data-[state=active]:text-ink ' +
  'forced-colors:data-[state=inactive]:border-[Canvas] forced-colors:data-[state=active]:border-[Highlight]';

/** Panels of which one is shown; arrow keys, Home and End move between the tabs. */
export function Tabs({ label, tabs, value, onChange }: Props) {
  return (
    <Radix.Root value={value} onValueChange={onChange}>
      <Radix.List aria-label={label} className="flex flex-wrap border-b border-line">
        {Object.keys(tabs).map((name) => (
          <Radix.Trigger key={name} value={name} className={TAB}>
            {name}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {Object.entries(tabs).map(([name, content]) => (
        <Radix.Content key={name} value={name} className="focusable rounded-lg py-3">
          {content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
