import { Link, useRouteError } from 'react-router';
import { useSession } from '../session/context';
import type { Notice } from '../session/notices';
import { Alert } from '../ui/Alert';
import { Button, buttonClass } from '../ui/Button';
import { Page } from '../ui/Page';

/** Why a sign-in that Okta redirected back from could not be completed, and a way to try it again. */
export function SignInFailed() {
  const session = useSession();
  const { title, text, details } = useRouteError() as Notice;
  const asked = session.failedSignIn;
  return (
    <div className="mx-auto max-w-6xl">
      <Page title="The sign-in failed">
        <Alert title={title} text={text} details={details} />
        <p className="mt-4 flex flex-wrap gap-3">
          {asked && (
            <Button kind="primary" onClick={() => void session.signIn(asked)}>
              Try again
            </Button>
          )}
          <Link className={buttonClass()} to="/">
            Back to the start page
          </Link>
        </p>
      </Page>
    </div>
  );
}
