import { useEffect, useRef } from 'react';
import { adviceOn, type Advice } from './advice';
import type { Outcome } from './call';
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
  const result = useRef<HTMLDivElement>(null);

  useEffect(() => {
    // On a phone the answer is below the buttons, out of sight.
    if (outcome) result.current?.scrollIntoView({ block: 'nearest' });
  }, [outcome]);

  const tryAgain = () => {
    // The button goes with the answer; the focus would be lost with it.
    result.current?.focus();
    onTryAgain();
  };

  return (
    <div
      ref={result}
      className="result"
      tabIndex={-1}
      aria-busy={last !== null && outcome === null}
    >
      <div role="status" className={advice ? `notice notice-${advice.tone}` : 'notice'}>
        {last === null && <p>No call yet. Choose a route above.</p>}
        {last !== null && outcome === null && <p>Calling {last.url}…</p>}
        {advice && <Told advice={advice} outcome={outcome} />}
      </div>
      <Action action={advice?.action} onTryAgain={tryAgain} onSignIn={onSignIn} />
      {last && <Exchange call={last} />}
    </div>
  );
}

function Told({ advice, outcome }: { advice: Advice; outcome: Outcome }) {
  const answered = outcome.kind === 'answered' ? outcome : null;
  return (
    <>
      <h3>
        {answered && <span className="status">{answered.status}</span>} {advice.title}
      </h3>
      <p>{advice.text}</p>
      {advice.tone === 'bad' && answered?.requestId && (
        <p>
          <small>
            The API's log has this as request <code>{answered.requestId}</code>.
          </small>
        </p>
      )}
    </>
  );
}

function Action({
  action,
  onTryAgain,
  onSignIn,
}: { action: Advice['action'] } & Pick<Props, 'onTryAgain' | 'onSignIn'>) {
  if (!action) return null;
  if (action.kind === 'try-again')
    return (
      <button type="button" onClick={onTryAgain}>
        Try again
      </button>
    );
  const { scopes = [] } = action;
  return (
    <button
      type="button"
      onClick={() => {
        onSignIn(scopes);
      }}
    >
      {scopes.length > 0 ? `Sign in and ask for ${scopes.join(' ')}` : 'Sign in again'}
    </button>
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
