import { useQuery } from '@tanstack/react-query';
import { useSession } from '../session/context';
import { text } from '../token/jwt';
import { Alert } from '../ui/Alert';
import { Button } from '../ui/Button';
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
    <div className="mx-auto max-w-6xl">
      <Page title="Your profile">
        <p className="mb-4 max-w-prose text-soft">What Okta’s userinfo endpoint says of you.</p>
        {isFetching && !data && <Loading text="Loading your profile…" />}
        {isError && !isFetching && (
          <Alert
            title="Your profile could not be loaded"
            text="Okta did not respond, or no longer accepts your token. Try again; if that does not help, sign out and sign in again."
          >
            <Button onClick={() => void refetch()}>Try again</Button>
          </Alert>
        )}
        {data && <Claims claims={data} />}
      </Page>
    </div>
  );
}

function Claims({ claims }: { claims: object }) {
  return (
    <table className="card w-full max-w-3xl border-separate border-spacing-0">
      <caption className="sr-only">Claims from userinfo</caption>
      <tbody>
        {Object.entries(claims)
          .filter(([name]) => name !== 'headers')
          .map(([name, value]) => (
            <tr key={name} className="[&:not(:first-child)>*]:border-t [&>*]:border-line">
              <th
                scope="row"
                className="w-1/2 px-3 py-2.5 sm:w-1/3 sm:px-4 text-left align-top font-normal"
              >
                <code className="code text-soft">{name}</code>
              </th>
              <td className="px-3 py-2.5 sm:px-4 [overflow-wrap:anywhere]">{text(value)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
