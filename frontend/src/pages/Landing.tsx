import { lazy, Suspense } from 'react';
import { useLocation } from 'react-router';
import { BRAND } from '../../brand';
import { useSession, useSessionState } from '../session/context';
import { usePeople, type Person } from '../session/people';
import { Alert } from '../ui/Alert';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Page } from '../ui/Page';

// Not needed to sign in, so not part of the first load.
const Flow = lazy(async () => ({ default: (await import('./Flow')).Flow }));

/** What this is and how to sign in, for a visitor who is signed out. */
export function Landing() {
  const session = useSession();
  const { notice } = useSessionState();
  const people = usePeople();
  const { pathname, search, hash } = useLocation();
  const returnTo = pathname + search + hash;

  return (
    <div className="mx-auto grid max-w-6xl items-center gap-x-14 gap-y-8 py-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.1fr)] lg:py-10">
      <div>
        <Page title={BRAND.headline} heading="display">
          <p className="mb-6 max-w-[44ch] text-lg text-soft">{BRAND.lead}</p>
          {notice && (
            <div className="mb-6">
              <Alert
                title={notice.title}
                text={notice.text}
                details={notice.details}
                tone={notice.expected ? 'info' : 'bad'}
              >
                {notice.retry && (
                  <Button onClick={() => void session.accessToken()}>Try again</Button>
                )}
              </Alert>
            </div>
          )}
          <People people={people} returnTo={returnTo} />
          <Button
            kind={people?.length === 0 ? 'primary' : 'secondary'}
            onClick={() => void session.signIn({ returnTo })}
          >
            Sign in with Okta
          </Button>
        </Page>
      </div>
      <Suspense fallback={<div className="min-h-96" />}>
        <Flow />
      </Suspense>
    </div>
  );
}

function People({ people, returnTo }: { people: Person[] | null; returnTo: string }) {
  const session = useSession();
  if (people === null) return <div className="h-44 sm:h-32" />;
  if (people.length === 0) return null;
  return (
    <>
      <div className="flex flex-wrap gap-3">
        {people.map(({ name, login, groups }) => (
          <Button
            key={login}
            className="justify-start! rounded-xl! py-2.5! pr-5! pl-2.5! text-left"
            onClick={() => void session.signIn({ returnTo, loginHint: login })}
          >
            <Avatar name={name} large />
            <span>
              Be {name.split(' ')[0]}
              <small className="block font-normal text-soft">in {groups.join(', ')}</small>
            </span>
          </Button>
        ))}
      </div>
      <p className="my-4 text-sm text-soft">
        These are the people of the local Okta: no account needed. Or choose on its own page:
      </p>
    </>
  );
}
