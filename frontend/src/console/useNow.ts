import { useEffect, useState } from 'react';

/** Return the time in seconds since 1970, updated every second. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now() / 1000);

  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now() / 1000);
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, []);

  return now;
}
