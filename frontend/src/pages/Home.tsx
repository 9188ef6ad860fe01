import { lazy, Suspense } from 'react';
import { Link } from 'react-router';
import { hasConsole, loadInvitation } from '../extensions';
import { useSession, useSessionState } from '../session/context';
import { buttonClass } from '../ui/Button';
import { Loading } from '../ui/Loading';
import { Page } from '../ui/Page';
import { Landing } from './Landing';

const load = loadInvitation;
const Invitation = load && lazy(async () => ({ default: (await load()).Invitation }));

/** The start page: what this is and how to sign in, or, when signed in, where to go. */
export function Home() {
  const { config } = useSession();
  const { signedIn, notice } = useSessionState();
  if (signedIn === null && notice === null) return <Loading text="Checking your session…" />;
  return (
    <>
      {signedIn ? <Welcome /> : <Landing />}
      {Invitation && hasConsole(config) && (
        <Suspense>
          <Invitation />
        </Suspense>
      )}
    </>
  );
}

function Welcome() {
  const { config } = useSession();
  const { tokens } = useSessionState();
  const claims = tokens?.idToken.claims;
  return (
    <div className="mx-auto max-w-6xl">
      <Page title={`Hello, ${claims?.name ?? claims?.sub ?? ''}`}>
        <p className="mb-4 max-w-prose text-soft">
          You are signed in. The API checks your access token on every call.
        </p>
        <p className="flex flex-wrap gap-3">
          <Link className={buttonClass('primary')} to="/reports">
            Open the reports
          </Link>
          {hasConsole(config) && (
            <Link className={buttonClass()} to="/console">
              Open the console
            </Link>
          )}
        </p>
      </Page>
    </div>
  );
}
