import { useEffect, useState } from 'react';
import { EIGHT } from './eight';
import type { Exchange } from './exchange';

const KEY = 'tried';

/** Return the numbers of the things that were tried in this tab, after a sign-in too. */
export function useDone(history: Exchange[]): Set<number> {
  const [earlier] = useState(read);
  const now = EIGHT.flatMap((one, index) => (history.some(one.isDone) ? [index] : []));
  const done = [...new Set([...earlier, ...now])].sort();
  const text = JSON.stringify(done);

  useEffect(() => {
    sessionStorage.setItem(KEY, text);
  }, [text]);

  return new Set(done);
}

function read(): number[] {
  return JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as number[];
}
