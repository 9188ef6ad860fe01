import * as Radix from '@radix-ui/react-toast';
import { createContext, use, useState, type ReactNode } from 'react';

const ToastContext = createContext<(text: string) => void>(() => undefined);

/** Return a function that says what has just happened, for some seconds. */
export function useToast() {
  return use(ToastContext);
}

/** Shows the last thing that the pages within say, and has it read out. */
export function Toasts({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<{ id: number; text: string } | null>(null);
  const [say] = useState(() => (text: string) => {
    setToast((before) => ({ id: (before?.id ?? 0) + 1, text }));
  });

  return (
    <ToastContext value={say}>
      <Radix.Provider duration={6000} label="Message">
        {children}
        {toast && (
          <Radix.Root
            key={toast.id}
            className="card flex items-center gap-4 border-l-4 border-l-accent px-4 py-3 shadow-lg"
            onOpenChange={() => {
              setToast(null);
            }}
          >
            <Radix.Description>{toast.text}</Radix.Description>
            <Radix.Close
              className="focusable cursor-pointer rounded px-1 text-soft hover:text-ink"
              aria-label="Close"
            >
              <span aria-hidden="true">×</span>
            </Radix.Close>
          </Radix.Root>
        )}
        <Radix.Viewport className="fixed right-4 bottom-4 z-50 grid max-w-[calc(100vw-2rem)] gap-2 outline-none" />
      </Radix.Provider>
    </ToastContext>
  );
}
