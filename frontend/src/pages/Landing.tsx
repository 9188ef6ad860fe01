import { lazy, Suspense } from 'react';
import { useLocation } from 'react-router';
import { BRAND } from '../brand';
import { useSession, useSessionState } from '../session/context';
import { peopleOf } from '../session/people';
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
          <People returnTo={returnTo} />
          <Button
            kind={peopleOf(session.config).length > 0 ? 'secondary' : 'primary'}
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

function People({ returnTo }: { returnTo: string }) {
  const session = useSession();
  const people = peopleOf(session.config);
  if (people.length === 0) return null;
  return (
    <>
      <div className="flex flex-wrap gap-3">
        {people.map(({ name, login, text }) => (
          <Button
            key={login}
            className="justify-start! rounded-xl! py-2.5! pr-5! pl-2.5! text-left"
            onClick={() => void session.signIn({ returnTo, loginHint: login })}
          >
            <Avatar name={name} large />
            <span>
              Be {name.split(' ')[0]}
              <small className="block font-normal text-soft">{text}</small>
            </span>
          </Button>
        ))}
      </div>
      <p className="my-4 text-sm text-soft">
        This app uses the local Okta: two people, no account needed. Or choose on its own page:
      </p>
    </>
  );
}
