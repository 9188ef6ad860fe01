import type { UserClaims } from '@okta/okta-auth-js';
import { useOktaAuth } from '@okta/okta-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Alert } from '../Alert';
import { Loading } from '../Loading';
import { Page } from '../Page';

type Answer = UserClaims | 'pending' | 'failed';

/** What Okta's userinfo endpoint tells of the signed-in person. */
export function Profile() {
  const { oktaAuth } = useOktaAuth();
  const [answer, setAnswer] = useState<Answer>('pending');
  const told = useRef<HTMLDivElement>(null);

  const ask = useCallback(() => {
    oktaAuth.getUser().then(setAnswer, () => {
      setAnswer('failed');
    });
  }, [oktaAuth]);

  useEffect(ask, [ask]);

  const askAgain = () => {
    // The button goes, and the focus would be lost with it.
    told.current?.focus();
    setAnswer('pending');
    ask();
  };

  return (
    <Page title="Your profile">
      <p className="lead">Only the signed-in see this page. Okta tells these claims about you.</p>
      <div ref={told} tabIndex={-1}>
        {answer === 'pending' && <Loading text="Asking Okta…" />}
        {answer === 'failed' && <Failed onTryAgain={askAgain} />}
        {typeof answer === 'object' && <Claims claims={answer} />}
      </div>
    </Page>
  );
}

function Failed({ onTryAgain }: { onTryAgain: () => void }) {
  return (
    <Alert
      title="Your profile could not be had"
      text="Okta did not answer, or takes your token no longer. Try again; if that does not help, sign out and in."
    >
      <button type="button" onClick={onTryAgain}>
        Try again
      </button>
    </Alert>
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
