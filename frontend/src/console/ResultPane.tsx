import { useEffect, useRef } from 'react';
import { labelOf, type Action, type Advice } from '../api/advice';
import { useSession } from '../session/context';
import { results } from '../token/checks';
import { Tabs } from '../ui/Tabs';
import { Checks } from './Checks';
import type { Exchange } from './exchange';
import { explain } from './explain';
import { Curl, RequestText } from './RequestText';
import { ResponseText } from './ResponseText';

interface Props {
  last: Exchange | null;
  /** The tab that is open. It stays open for the next request. */
  tab: number;
  onTab: (tab: number) => void;
  onAction: (action: Action) => void;
}

/** The last request, its response, what that means and what to do next. */
export function ResultPane({ last, tab, onTab, onAction }: Props) {
  const { config } = useSession();
  const pane = useRef<HTMLElement>(null);
  const outcome = last?.outcome ?? null;

  useEffect(() => {
    // On a phone the response may be below the fold.
    if (outcome) pane.current?.scrollIntoView({ block: 'nearest' });
  }, [outcome]);

  const act = (action: Action) => {
    // The button disappears with the response, which would lose the focus.
    pane.current?.focus();
    onAction(action);
  };

  return (
    <section
      ref={pane}
      className="card pane"
      aria-label="Result"
      aria-busy={last !== null && outcome === null}
      tabIndex={-1}
    >
      <div role="status">
        {last ? (
          <Summary exchange={last} advice={explain(last, config)} onAction={act} />
        ) : (
          <p>No request yet. Choose a route.</p>
        )}
      </div>
      {last?.outcome && <ExchangeTabs exchange={last} tab={tab} onTab={onTab} />}
    </section>
  );
}

function Summary({
  exchange,
  advice,
  onAction,
}: {
  exchange: Exchange;
  advice: Advice | null;
  onAction: (action: Action) => void;
}) {
  const { route, path, outcome, milliseconds } = exchange;
  const received = outcome?.kind === 'received' ? outcome : null;
  const action = advice?.action;
  return (
    <>
      <h2 className="line">
        {received && (
          <span className={received.status < 400 ? 'status ok' : 'status refused'}>
            {received.status}
          </span>
        )}
        <span>
          {route.method} {path}
        </span>
        {received && (
          <>
            <small>{milliseconds} ms</small>
            {received.requestId && (
              <small>
                request ID <code>{received.requestId}</code>
              </small>
            )}
          </>
        )}
      </h2>
      {advice ? (
        <div className={`message ${advice.tone}`}>
          <h3>{advice.title}</h3>
          <p>{advice.text}</p>
          {action && (
            <button
              type="button"
              className="primary"
              onClick={() => {
                onAction(action);
              }}
            >
              {labelOf(action)}
            </button>
          )}
        </div>
      ) : (
        <p>Waiting for the response…</p>
      )}
    </>
  );
}

function ExchangeTabs({
  exchange,
  tab,
  onTab,
}: { exchange: Exchange } & Pick<Props, 'tab' | 'onTab'>) {
  const { outcome, token, route } = exchange;
  const checks = results(token, route.requirement, outcome);
  const passed = checks.filter(({ state }) => state === 'passed').length;
  const main = ['signature', 'iss', 'aud', 'cid', 'exp', 'scp', 'groups', 'acr', 'auth_time'];
  const short = checks.filter(({ name, state }) => main.includes(name) || state === 'failed');
  return (
    <Tabs
      label="Request and response"
      index={tab}
      onChange={onTab}
      tabs={[
        {
          name: 'Response',
          content:
            outcome?.kind === 'received' ? (
              <>
                <ResponseText response={outcome} />
                <Checks caption="What the API checked" checks={short} />
              </>
            ) : (
              <p>There is no response.</p>
            ),
        },
        { name: 'Request', content: <RequestText exchange={exchange} /> },
        { name: 'curl', content: <Curl exchange={exchange} /> },
        {
          name: `Checks ${passed}/${checks.length}`,
          content: <Checks caption="Every check, in the API's order" checks={checks} />,
        },
      ]}
    />
  );
}
