import { lazy, Suspense } from 'react';
import { useLocation } from 'react-router';
import { isLocal } from '../config';
import { useSession, useSessionState } from '../session/context';
import { Alert } from '../ui/Alert';
import { Avatar } from '../ui/Avatar';
import { Page } from '../ui/Page';

// Not needed to sign in, so not part of the first load.
const Services = lazy(async () => ({ default: (await import('./Services')).Services }));

const PEOPLE = [
  { name: 'Ada Lovelace', login: 'ada@example.com', text: 'in Admins: may call everything' },
  { name: 'Grace Hopper', login: 'grace@example.com', text: 'not in Admins: gets a 403' },
];

/** What this demonstrates and how to sign in, for a visitor who is signed out. */
export function Landing() {
  const session = useSession();
  const { notice } = useSessionState();
  const { pathname, search, hash } = useLocation();
  const returnTo = pathname + search + hash;

  return (
    <Page title="Sign in with Okta. Call FastAPI. See every check.">
      <div className="hero">
        <p className="lead">
          A reference API that verifies Okta access tokens, and a console that shows each request,
          each response, and why a token was accepted or refused.
        </p>
        {notice && (
          <Alert {...notice}>
            {notice.retry && (
              <button type="button" onClick={() => void session.accessToken()}>
                Try again
              </button>
            )}
          </Alert>
        )}
        <p>
          <button
            type="button"
            className="primary"
            onClick={() => void session.signIn({ returnTo })}
          >
            Sign in with Okta
          </button>
        </p>
        {isLocal(session.config.issuer) && (
          <div>
            <p>
              <small>This app uses the local Okta. Pick who to be:</small>
            </p>
            <div className="line">
              {PEOPLE.map(({ name, login, text }) => (
                <button
                  key={login}
                  type="button"
                  className="who"
                  onClick={() => void session.signIn({ returnTo, loginHint: login })}
                >
                  <Avatar name={name} />
                  <span>
                    <b>{name.split(' ')[0]}</b> <small>{text}</small>
                  </span>
                </button>
              ))}
            </div>
          </div>
        )}
      </div>
      <Suspense>
        <Services />
      </Suspense>
    </Page>
  );
}
