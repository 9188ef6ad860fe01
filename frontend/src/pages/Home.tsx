import { useOktaAuth } from '@okta/okta-react';
import { ApiPanel } from '../api/ApiPanel';
import { Loading } from '../Loading';
import { Page } from '../Page';
import { Identity } from './Identity';
import { SignedOut } from './SignedOut';

export function Home({ apiUrl }: { apiUrl: string }) {
  const { authState } = useOktaAuth();

  if (authState === null) return <Loading text="Looking for your session…" />;
  const { accessToken, idToken, isAuthenticated } = authState;
  if (!isAuthenticated || !accessToken || !idToken) return <SignedOut />;
  return (
    <Page title={`Hello, ${idToken.claims.name ?? idToken.claims.sub}`}>
      <div className="columns">
        <Identity accessToken={accessToken} idToken={idToken} />
        <ApiPanel apiUrl={apiUrl} />
      </div>
    </Page>
  );
}
