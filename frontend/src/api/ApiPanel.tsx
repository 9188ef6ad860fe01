import { useLocation } from 'react-router-dom';
import { useSession } from '../session/session';
import { CallResult } from './CallResult';
import { RouteList } from './RouteList';
import { useApiCall } from './useApiCall';

/** Calls each route of the API and shows what was asked and answered. */
export function ApiPanel({ apiUrl }: { apiUrl: string }) {
  const [last, call] = useApiCall();
  const { signIn } = useSession();
  const { pathname } = useLocation();

  return (
    <section className="card" aria-labelledby="api">
      <h2 id="api">Call the API</h2>
      <RouteList
        onCall={(path) => {
          call(apiUrl.replace(/\/$/, '') + path);
        }}
      />
      <CallResult
        last={last}
        apiUrl={apiUrl}
        onTryAgain={() => {
          if (last) call(last.url);
        }}
        onSignIn={(scopes) => void signIn(pathname, scopes)}
      />
    </section>
  );
}
