import * as Radix from '@radix-ui/react-dropdown-menu';
import type { ReactNode } from 'react';

interface Props {
  /** The button that opens the menu; it gets the focus back. */
  trigger: ReactNode;
  children: ReactNode;
}

/** A menu below its button: arrow keys, Escape, and a click elsewhere work as in the system. */
export function Menu({ trigger, children }: Props) {
  return (
    // Not modal: a modal menu would put a style element into the page, which the policy forbids.
    // Not in a portal: it stays in the landmark of its button.
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Content
        align="end"
        sideOffset={8}
        collisionPadding={8}
        className="card z-30 max-w-[calc(100vw-1rem)] min-w-60 p-1.5 shadow-lg"
      >
        {children}
      </Radix.Content>
    </Radix.Root>
  );
}

const ITEM =
  'flex min-h-10 w-full cursor-pointer items-center gap-3 rounded-lg px-3 py-1.5 text-left text-ink no-underline outline-none ' +
  'data-[highlighted]:bg-sunken data-[highlighted]:outline-2 data-[highlighted]:-outline-offset-2 data-[highlighted]:outline-accent ' +
  'data-[disabled]:text-soft';

/** An item that does something, or, with a link as its child, leads somewhere. */
export function MenuItem({
  onSelect,
  disabled = false,
  isLink = false,
  children,
}: {
  onSelect?: () => void;
  disabled?: boolean;
  isLink?: boolean;
  children: ReactNode;
}) {
  return (
    <Radix.Item
      asChild={isLink}
      disabled={disabled}
      className={ITEM}
      {...(onSelect && { onSelect })}
    >
      {children}
    </Radix.Item>
  );
}

/** Words that head a group of items. */
export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-3 py-1.5 text-sm text-soft">{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className="mx-1 my-1.5 h-px bg-line" />;
}
