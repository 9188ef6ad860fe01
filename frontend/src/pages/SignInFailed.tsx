import { Link, useRouteError } from 'react-router';
import type { Notice } from '../session/notices';
import { Alert } from '../ui/Alert';
import { Page } from '../ui/Page';

/** Why a sign-in that Okta redirected back from could not be completed. */
export function SignInFailed() {
  const { title, text, details } = useRouteError() as Notice;
  return (
    <Page title="The sign-in failed">
      <Alert title={title} text={text} details={details} />
      <p>
        <Link className="button" to="/">
          Back to the start page
        </Link>
      </p>
    </Page>
  );
}
