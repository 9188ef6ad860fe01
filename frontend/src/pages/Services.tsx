import { useQuery } from '@tanstack/react-query';
import { Queries } from '../api/Queries';
import { useSession } from '../session/context';

const REFRESH_MS = 15_000;

/** The three parties of a request, with the live state of Okta and of the API. */
export function Services() {
  return (
    <Queries>
      <Parties />
    </Queries>
  );
}

function Parties() {
  const { issuer, apiUrl } = useSession().config;
  const okta = useLiveState(`${issuer}/.well-known/openid-configuration`, oktaState);
  const api = useLiveState(`${apiUrl}/readyz`, apiState);

  return (
    <div className="flow">
      <section className="card">
        <h2>1 · This app</h2>
        <small>Authorization code + PKCE. Tokens stay in this tab.</small>
      </section>
      <Service title="2 · Okta" url={issuer} state={okta} />
      <Service title="3 · FastAPI" url={apiUrl} state={api} />
    </div>
  );
}

interface State {
  up: boolean | null;
  text: string;
}

function Service({ title, url, state }: { title: string; url: string; state: State }) {
  const dot = state.up === null ? 'dot' : state.up ? 'dot up' : 'dot down';
  return (
    <section className="card">
      <h2>
        <span className={dot} aria-hidden="true" /> {title}
      </h2>
      <small>
        <code>{url.replace(/^https?:\/\//, '')}</code>
        <br />
        <span role="status">{state.text}</span>
      </small>
    </section>
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
