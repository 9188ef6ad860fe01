import { useEffect, useRef } from 'react';
import { adviceOn } from './advice';
import { Curl } from './Curl';
import type { Call } from './useApiCall';

interface Props {
  last: Call | null;
  apiUrl: string;
  onTryAgain: () => void;
  onSignIn: (scopes: string[]) => void;
}

/** Request, status and answer of the last call, and what to do about a refusal. */
export function CallResult({ last, apiUrl, onTryAgain, onSignIn }: Props) {
  const outcome = last?.outcome ?? null;
  const advice = outcome && adviceOn(outcome, apiUrl);
  const action = advice?.action;
  const result = useRef<HTMLDivElement>(null);

  useEffect(() => {
    // On a phone the answer is below the buttons, out of sight.
    if (outcome) result.current?.scrollIntoView({ block: 'nearest' });
  }, [outcome]);

  return (
    <div ref={result} className="result" aria-busy={last !== null && outcome === null}>
      <div role="status" className={advice ? `notice notice-${advice.tone}` : 'notice'}>
        {last === null && <p>No call yet. Choose a route above.</p>}
        {last !== null && outcome === null && <p>Calling {last.url}…</p>}
        {advice && (
          <>
            <h3>
              {outcome.kind === 'answered' && <span className="status">{outcome.status}</span>}{' '}
              {advice.title}
            </h3>
            <p>{advice.text}</p>
          </>
        )}
      </div>
      {action?.kind === 'try-again' && (
        <button type="button" onClick={onTryAgain}>
          Try again
        </button>
      )}
      {action?.kind === 'sign-in' && (
        <button
          type="button"
          onClick={() => {
            onSignIn(action.scopes ?? []);
          }}
        >
          {action.scopes ? `Sign in and ask for ${action.scopes.join(' ')}` : 'Sign in again'}
        </button>
      )}
      {last && <Exchange call={last} />}
    </div>
  );
}

function Exchange({ call: { url, outcome } }: { call: Call }) {
  return (
    <>
      <h3>Request</h3>
      <pre>
        GET {url}
        {'\n'}Authorization: Bearer ••••••••
      </pre>
      {outcome?.kind === 'answered' && (
        <>
          <h3>Answer</h3>
          <pre>
            {outcome.status} {outcome.statusText}
            {'\n\n'}
            {indented(outcome.body)}
          </pre>
        </>
      )}
      <Curl url={url} />
    </>
  );
}

function indented(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
