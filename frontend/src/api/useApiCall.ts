import { useOktaAuth } from '@okta/okta-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { callApi, type Outcome } from './call';

/** A call: its URL and what came of it, null while it is under way. */
export interface Call {
  url: string;
  outcome: Outcome | null;
}

/** The last call, and how to make the next; a new one puts an end to one under way. */
export function useApiCall(): [Call | null, (url: string) => void] {
  const { oktaAuth } = useOktaAuth();
  const [last, setLast] = useState<Call | null>(null);
  const running = useRef(new AbortController());

  useEffect(
    () => () => {
      running.current.abort();
    },
    [],
  );

  const call = useCallback(
    (url: string) => {
      running.current.abort();
      const { signal } = (running.current = new AbortController());
      setLast({ url, outcome: null });
      const ask = async () => {
        const token = await oktaAuth.getOrRenewAccessToken();
        const outcome: Outcome = token ? await callApi(url, token, signal) : { kind: 'signed-out' };
        if (!signal.aborted) setLast({ url, outcome });
      };
      ask().catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    },
    [oktaAuth],
  );

  return [last, call];
}
