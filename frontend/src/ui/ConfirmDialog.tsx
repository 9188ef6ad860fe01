import * as Radix from '@radix-ui/react-alert-dialog';
import type { ReactNode } from 'react';
import { Button } from './Button';

interface Props {
  open: boolean;
  title: string;
  text: ReactNode;
  /** What the button that does it says. */
  confirm: string;
  /** What the button that does not do it says. */
  cancel?: string;
  danger?: boolean;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Asks before something happens. Escape cancels; the focus returns to where it was. */
export function ConfirmDialog(props: Props) {
  const { open, title, text, confirm, cancel = 'Cancel', danger, onConfirm, onCancel } = props;
  return (
    <Radix.Root
      open={open}
      onOpenChange={(isOpen) => {
        if (!isOpen) onCancel();
      }}
    >
      <Radix.Portal>
        {/* Not Radix's overlay, which puts a style element into the page: the policy forbids it. */}
        <div className="fixed inset-0 z-40 bg-black/50" aria-hidden="true" />
        <Radix.Content className="card fixed top-1/2 left-1/2 z-50 grid w-[min(28rem,calc(100vw-2rem))] -translate-1/2 gap-3 p-6 shadow-xl">
          <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
          <Radix.Description className="text-soft">{text}</Radix.Description>
          <div className="mt-2 flex flex-wrap justify-end gap-2">
            <Radix.Cancel asChild>
              <Button>{cancel}</Button>
            </Radix.Cancel>
            <Button kind={danger ? 'danger' : 'primary'} onClick={onConfirm}>
              {confirm}
            </Button>
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
