import { useEffect, useRef, useState } from 'react';
import { useSession } from '../session/context';
import { send, type Call, type Exchange } from './exchange';
import { findRoute } from './routes';

/** The last request, and how to send the next; a new one cancels one under way. */
export function useConsole(): [Exchange | null, (call: Call) => void] {
  const session = useSession();
  const [last, setLast] = useState<Exchange | null>(null);
  const running = useRef(new AbortController());

  const run = (call: Call) => {
    running.current.abort();
    const { signal } = (running.current = new AbortController());
    setLast({
      ...call,
      url: session.config.apiUrl + call.path,
      scheme: '',
      token: null,
      outcome: null,
      milliseconds: 0,
    });
    send(session, call, signal).then(
      (exchange) => {
        if (!signal.aborted) setLast(exchange);
      },
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
  };

  const repeat = useRef(run);
  useEffect(() => {
    const call = session.takeRepeat();
    const route = call && findRoute(call.method, call.path);
    if (route) repeat.current({ route, path: call.path, credential: 'own', repeated: true });
  }, [session]);

  return [last, run];
}
