import { useLocation } from 'react-router-dom';
import { Alert } from '../Alert';
import { Page } from '../Page';
import { useSession } from '../session/session';

/** For someone not signed in: one button, and why, where that needs telling. */
export function SignedOut() {
  const { notice, signIn, renew } = useSession();
  const { pathname, search, hash } = useLocation();

  return (
    <Page title="Call a FastAPI backend as yourself">
      <p className="lead">
        Sign in with Okta. This app then calls the API with your access token, and shows what was
        asked and what was answered.
      </p>
      {notice && (
        <Alert title={notice.title} text={notice.text}>
          {notice.retry && (
            <button type="button" onClick={() => void renew()}>
              Try again
            </button>
          )}
        </Alert>
      )}
      <p>
        <button
          type="button"
          className="primary big"
          onClick={() => void signIn(pathname + search + hash)}
        >
          Sign in
        </button>
      </p>
    </Page>
  );
}
