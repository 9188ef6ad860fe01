import { useEffect, useState } from 'react';
import { tokenEndText } from './tokenEndText';

/** Counts down to the end of a token. Not a live region: it would never stop talking. */
export function TokenEnd({ expiresAt }: { expiresAt: number }) {
  const [now, setNow] = useState(() => Date.now() / 1000);

  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now() / 1000);
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, []);

  const end = new Date(expiresAt * 1000);
  return (
    <>
      {tokenEndText(expiresAt, now)}, at{' '}
      <time dateTime={end.toISOString()}>{end.toLocaleTimeString([], { timeStyle: 'short' })}</time>
      <br />
      <small>Renewed by itself before then.</small>
    </>
  );
}
