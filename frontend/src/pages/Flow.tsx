import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Queries } from '../api/Queries';
import { HOME, isLocal } from '../config';
import { useSession } from '../session/context';
import { StatusChip } from '../ui/Chip';

const REFRESH_MS = 15_000;

/** How a call comes about, with the addresses of this run and the live state of Okta and the API. */
export function Flow() {
  return (
    <Queries>
      <section className="card p-5" aria-label="How it works">
        <Parties />
        <Steps />
      </section>
    </Queries>
  );
}

function Parties() {
  const { issuer, apiUrl } = useSession().config;
  const okta = useLiveState(`${issuer}/.well-known/openid-configuration`, oktaState);
  const api = useLiveState(`${apiUrl}/readyz`, apiState);
  const start = isLocal(issuer) ? 'Start it with make run.' : 'Check the issuer and your network.';

  return (
    <ol className="grid items-stretch gap-x-8 gap-y-3 sm:grid-cols-3">
      <Party title="This app" url={HOME} text="keeps the tokens" />
      <Party title="Okta" url={issuer} state={okta} remedy={start} arrow />
      <Party
        title="FastAPI"
        url={apiUrl}
        state={api}
        remedy={`Start it${isLocal(apiUrl) ? ' with make run' : ''}, or check CORS_ORIGINS.`}
        arrow
      />
    </ol>
  );
}

interface State {
  up: boolean | null;
  text: string;
}

interface PartyProps {
  title: string;
  url: string;
  text?: string;
  state?: State;
  remedy?: string;
  arrow?: boolean;
}

const ARROW =
  'before:absolute before:top-1/2 before:-left-7 before:text-soft before:content-["→"] before:-translate-y-1/2 max-sm:before:hidden';

function Party({ title, url, text, state, remedy, arrow = false }: PartyProps) {
  return (
    <li className={`relative rounded-lg border border-line px-3 py-2.5 ${arrow ? ARROW : ''}`}>
      <b className="flex items-center gap-2 font-semibold">
        {state && <Dot up={state.up} />}
        {title}
      </b>
      <code className="code block text-soft">{new URL(url).host}</code>
      <small className="text-soft">{text ?? <span role="status">{state?.text}</span>}</small>
      {state?.up === false && <small className="block">{remedy}</small>}
    </li>
  );
}

function Dot({ up }: { up: boolean | null }) {
  const colour = up === null ? 'border-edge' : up ? 'border-accent bg-accent' : 'border-bad bg-bad';
  return <span className={`size-2.5 shrink-0 rounded-full border ${colour}`} aria-hidden="true" />;
}

function Steps() {
  const { clientId } = useSession().config;
  return (
    <ol className="mt-4">
      <Step number={1} code="…/v1/authorize">
        The app sends you to Okta as client <code className="code">{clientId}</code>, with a
        one-time secret (PKCE)
      </Step>
      <Step number={2} code="…/v1/token">
        Okta returns a code. The app exchanges it for an access token
      </Step>
      <Step number={3} code="Authorization: Bearer …">
        The app calls the API with the token
      </Step>
      <Step
        number={4}
        code={
          <span className="flex gap-1">
            <StatusChip status={200} /> <StatusChip status={403} />
          </span>
        }
      >
        The API checks signature, issuer, audience, client and expiry, then the scope
      </Step>
    </ol>
  );
}

function Step({
  number,
  code,
  children,
}: {
  number: number;
  code: ReactNode;
  children: ReactNode;
}) {
  return (
    <li className="grid grid-cols-[1.5rem_minmax(0,1fr)] gap-x-2 border-t border-line py-2.5 sm:grid-cols-[1.5rem_minmax(0,1fr)_auto]">
      <small className="pt-0.5 text-soft" aria-hidden="true">
        {number}
      </small>
      <span>{children}</span>
      <code className="code pt-0.5 text-soft max-sm:col-start-2">{code}</code>
    </li>
  );
}

function useLiveState(url: string, read: (response: Response) => State | Promise<State>): State {
  const { data, isPending } = useQuery({
    queryKey: ['state', url],
    queryFn: async ({ signal }) => read(await fetch(url, { cache: 'no-store', signal })),
    refetchInterval: REFRESH_MS,
  });
  if (isPending) return { up: null, text: 'checking…' };
  return data ?? { up: false, text: 'not reachable' };
}

function oktaState({ ok, status }: Response): State {
  return { up: ok, text: ok ? 'reachable' : `not available (${status})` };
}

async function apiState(response: Response): Promise<State> {
  const { status } = (await response.json()) as { status: string };
  return { up: response.ok, text: status };
}
