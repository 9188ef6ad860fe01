import type { UserClaims } from '@okta/okta-auth-js';
import { useOktaAuth } from '@okta/okta-react';
import { useCallback, useEffect, useState } from 'react';
import { Loading } from '../Loading';
import { Page } from '../Page';

type Answer = UserClaims | 'pending' | 'failed';

/** What Okta's userinfo endpoint tells of the signed-in person. */
export function Profile() {
  const { oktaAuth } = useOktaAuth();
  const [answer, setAnswer] = useState<Answer>('pending');

  const ask = useCallback(() => {
    oktaAuth.getUser().then(setAnswer, () => {
      setAnswer('failed');
    });
  }, [oktaAuth]);

  useEffect(ask, [ask]);

  return (
    <Page title="Your profile">
      <p className="lead">Only the signed-in see this page. Okta tells these claims about you.</p>
      {answer === 'pending' && <Loading text="Asking Okta…" />}
      {answer === 'failed' && (
        <div className="notice notice-bad" role="alert">
          <h2>Your profile could not be had</h2>
          <p>Okta did not answer, or takes your token no longer. Try again, or sign in again.</p>
          <button
            type="button"
            onClick={() => {
              setAnswer('pending');
              ask();
            }}
          >
            Try again
          </button>
        </div>
      )}
      {typeof answer === 'object' && <Claims claims={answer} />}
    </Page>
  );
}

function Claims({ claims }: { claims: UserClaims }) {
  return (
    <table>
      <caption>Claims from userinfo</caption>
      <thead>
        <tr>
          <th scope="col">Claim</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(claims)
          .filter(([name]) => name !== 'headers')
          .map(([name, value]) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>{typeof value === 'string' ? value : JSON.stringify(value)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
