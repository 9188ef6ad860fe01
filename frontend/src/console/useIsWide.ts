import { useSyncExternalStore } from 'react';

const query = window.matchMedia('(min-width: 60rem)');

/** Whether the result fits next to the routes, as in the style sheet. */
export function useIsWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      query.addEventListener('change', listener);
      return () => {
        query.removeEventListener('change', listener);
      };
    },
    () => query.matches,
  );
}
