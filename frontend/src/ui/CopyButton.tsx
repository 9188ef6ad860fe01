import { useState } from 'react';
import { Button } from './Button';

/** Copies `text`, or says how to do so where the browser allows no page to copy. */
export function CopyButton({ text, children }: { text: string; children: string }) {
  const [status, setStatus] = useState('');

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setStatus('Copied.');
    } catch {
      // Also where there is no clipboard, on a page that is not secure.
      setStatus('The browser blocked copying. Select the text and copy it.');
    }
  };

  return (
    <p className="flex flex-wrap items-center gap-3">
      <Button size="small" onClick={() => void copy()}>
        {children}
      </Button>
      <span role="status" className="text-sm text-soft">
        {status}
      </span>
    </p>
  );
}
