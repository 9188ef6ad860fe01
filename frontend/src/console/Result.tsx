import { useEffect, useRef, useState } from 'react';
import { labelOf, type Action, type Advice } from '../api/advice';
import { useSession } from '../session/context';
import { Button } from '../ui/Button';
import { StatusChip } from '../ui/Chip';
import { Tabs } from '../ui/Tabs';
import { Claims } from './Claims';
import { Compare } from './Compare';
import type { Exchange } from './exchange';
import { explain } from './explain';
import type { ApiRoute } from './openapi';
import { Pipeline } from './Pipeline';
import { Curl, RequestText } from './RequestText';
import { ResponseText } from './ResponseText';

interface Props {
  exchange: Exchange | null;
  route: ApiRoute | null | undefined;
  onAction: (last: Exchange, action: Action) => void;
}

/** A request, what came of it, what the API checked, and what to do next. */
export function Result({ exchange, route, onAction }: Props) {
  const { config } = useSession();
  const pane = useRef<HTMLElement>(null);
  // The tab stays open for the next request.
  const [tab, setTab] = useState('Exchange');
  const outcome = exchange?.outcome ?? null;

  useEffect(() => {
    // On a phone the response may be out of view.
    const top = pane.current?.getBoundingClientRect().top ?? 0;
    if (outcome && (top < 0 || top > window.innerHeight / 2)) pane.current?.scrollIntoView();
  }, [outcome]);

  const advice = exchange && explain(exchange, config, route);
  const act = (action: Action) => {
    if (!exchange) return;
    // The button disappears with the response, which would lose the focus.
    pane.current?.focus();
    onAction(exchange, action);
  };
  return (
    <section
      ref={pane}
      className="card min-w-0 p-4 outline-none sm:p-5"
      aria-label="Result"
      aria-busy={exchange !== null && outcome === null}
      tabIndex={-1}
    >
      <div role="status">
        {exchange ? <Summary exchange={exchange} advice={advice} onAction={act} /> : <First />}
      </div>
      {exchange && outcome && (
        <>
          {advice && outcome.kind === 'received' && exchange.credential === 'own' && (
            <Compare
              ending={{
                request: `${exchange.method} ${exchange.path}`,
                status: outcome.status,
                title: advice.title,
              }}
              onAction={act}
            />
          )}
          {exchange.checks ? (
            <Pipeline
              checks={exchange.checks}
              accepted={outcome.kind === 'received' && outcome.status < 400}
            />
          ) : (
            advice?.check && (
              <p className="mt-4 text-sm text-soft">
                The check that failed: <code className="code text-ink">{advice.check}</code>. This
                API does not list its checks: EXPLAIN_CHECKS is off.
              </p>
            )
          )}
          <Details exchange={exchange} tab={tab} onTab={setTab} />
        </>
      )}
    </section>
  );
}

function First() {
  return (
    <>
      <h2 className="subheading">Nothing is sent yet</h2>
      <p className="mt-1 max-w-prose text-soft">
        Choose a route, or one of the things to try below: that fills the form. Then press Send. You
        see the response, each check that the API made, and what to do about a refusal.
      </p>
    </>
  );
}

interface SummaryProps {
  exchange: Exchange;
  advice: Advice | null;
  onAction: (action: Action) => void;
}

function Summary({ exchange, advice, onAction }: SummaryProps) {
  const { method, path, outcome, milliseconds } = exchange;
  const action = advice?.action;
  return (
    <>
      <h2 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xl font-semibold">
        {outcome?.kind === 'received' && <StatusChip status={outcome.status} />}
        <span>{advice?.title ?? 'Waiting for the response…'}</span>
      </h2>
      <p className="mt-1 text-sm text-soft">
        <code className="code">
          {method} {path}
        </code>
        {outcome && ` · ${milliseconds} ms`}
      </p>
      {advice && (
        <div
          className={`mt-3 grid justify-items-start gap-3 rounded-lg border-l-4 px-4 py-3 ${advice.tone === 'good' ? 'border-accent bg-accent-soft' : 'border-bad bg-bad-soft'}`}
        >
          <p>{advice.text}</p>
          {action && (
            <Button
              kind="primary"
              onClick={() => {
                onAction(action);
              }}
            >
              {labelOf(action)}
            </Button>
          )}
        </div>
      )}
    </>
  );
}

interface DetailsProps {
  exchange: Exchange;
  tab: string;
  onTab: (tab: string) => void;
}

function Details({ exchange, tab, onTab }: DetailsProps) {
  const { outcome, token } = exchange;
  return (
    <div className="mt-5">
      <Tabs
        label="Details"
        value={tab}
        onChange={onTab}
        tabs={{
          Exchange: (
            <div className="grid gap-3">
              <RequestText exchange={exchange} />
              {outcome?.kind === 'received' ? (
                <ResponseText response={outcome} />
              ) : (
                <p className="text-soft">There is no response.</p>
              )}
            </div>
          ),
          Token: token ? (
            <Claims token={token} />
          ) : (
            <p className="text-soft">No token that can be decoded was sent.</p>
          ),
          curl: <Curl exchange={exchange} />,
        }}
      />
    </div>
  );
}
