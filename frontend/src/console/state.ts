import { createContext, use, useEffect, useRef, useState } from 'react';
import { useSession } from '../session/context';
import { createExplainer, type Explainer } from './explainer';
import { useFaults } from './useFaults';
import { send, type Call, type Exchange } from './exchange';

const KEPT = 20;

/** What the pages of the console share while it is open. Nothing of it is stored. */
export interface ConsoleState {
  /** The last requests, the newest first. */
  history: Exchange[];
  run: (call: Call) => void;
  /** A token that somebody pasted. */
  pasted: string;
  paste: (token: string) => void;
  explainer: Explainer;
}

export const ConsoleContext = createContext<ConsoleState | null>(null);

export function useConsole(): ConsoleState {
  const state = use(ConsoleContext);
  if (state === null) throw new Error('useConsole requires the console');
  return state;
}

/** Keep the history and send requests; a new one cancels one under way. */
export function useConsoleState(): ConsoleState {
  const session = useSession();
  const isOktaDown = useFaults().faults?.outage ?? false;
  const [history, setHistory] = useState<Exchange[]>([]);
  const [pasted, paste] = useState('');
  const [explainer] = useState(() => createExplainer(session.config.apiUrl));
  const running = useRef(new AbortController());
  const lastId = useRef(0);

  const run = (call: Call) => {
    running.current.abort();
    const { signal } = (running.current = new AbortController());
    const started = begin(call, (lastId.current += 1), session.config.apiUrl, isOktaDown);
    setHistory((before) => [started, ...before.filter(({ outcome }) => outcome)].slice(0, KEPT));
    send(call, { session, pasted, explainer, signal }).then(
      (sent) => {
        setHistory((before) =>
          before.map((one) => (one.id === started.id ? { ...one, ...sent } : one)),
        );
      },
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
  };

  const repeat = useRef(run);
  useEffect(() => {
    const call = session.takeRepeat();
    if (call) repeat.current({ body: null, ...call, credential: 'own' });
  }, [session]);

  return { history, run, pasted, paste, explainer };
}

function begin(call: Call, id: number, apiUrl: string, isOktaDown: boolean): Exchange {
  return {
    ...call,
    id,
    at: new Date(),
    url: apiUrl + call.path,
    scheme: '',
    token: null,
    outcome: null,
    checks: null,
    milliseconds: 0,
    isOktaDown,
  };
}
