import { LoginCallback, useOktaAuth } from '@okta/okta-react';
import { useCallback, useState } from 'react';
import { Link, Navigate } from 'react-router-dom';
import { Alert } from '../Alert';
import { Loading } from '../Loading';
import { Page } from '../Page';
import { callbackNotice } from '../session/notices';

/** Where Okta sends the browser back to: the code is exchanged for tokens here. */
export function Callback({ issuer }: { issuer: string }) {
  const { oktaAuth } = useOktaAuth();
  // Kept from the first look, since the SDK takes the code out of the address.
  const [sentByOkta] = useState(() => oktaAuth.isLoginRedirect());
  const Failed = useCallback(
    ({ error }: { error: Error }) => <SignInFailed error={error} issuer={issuer} />,
    [issuer],
  );

  if (!sentByOkta) return <Navigate to="/" replace />;
  return (
    <LoginCallback errorComponent={Failed} loadingElement={<Loading text="Signing you in…" />} />
  );
}

function SignInFailed({ error, issuer }: { error: Error; issuer: string }) {
  const { title, text } = callbackNotice(error, issuer);
  return (
    <Page title="You are not signed in">
      <Alert title={title} text={text} />
      <p>
        <Link className="button" to="/">
          Go to the first page
        </Link>
      </p>
    </Page>
  );
}
