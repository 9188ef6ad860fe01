import { useQuery } from '@tanstack/react-query';
import { useSession } from '../session/context';
import { text } from '../token/jwt';
import { Alert } from '../ui/Alert';
import { Loading } from '../ui/Loading';
import { Page } from '../ui/Page';

/** The claims of Okta's userinfo endpoint. */
export function Profile() {
  const session = useSession();
  const { data, isError, isFetching, refetch } = useQuery({
    queryKey: ['userinfo'],
    queryFn: () => session.userInfo(),
  });

  return (
    <Page title="Your profile">
      <p className="lead">
        This page requires sign-in. These claims come from Okta’s userinfo endpoint.
      </p>
      {isFetching && !data && <Loading text="Loading your profile…" />}
      {isError && !isFetching && (
        <Alert
          title="Your profile could not be loaded"
          text="Okta did not respond, or no longer accepts your token. Try again; if that does not help, sign out and sign in again."
        >
          <button type="button" onClick={() => void refetch()}>
            Try again
          </button>
        </Alert>
      )}
      {data && <Claims claims={data} />}
    </Page>
  );
}

function Claims({ claims }: { claims: object }) {
  return (
    <table className="card">
      <caption>Claims from userinfo</caption>
      <tbody>
        {Object.entries(claims)
          .filter(([name]) => name !== 'headers')
          .map(([name, value]) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>{text(value)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
