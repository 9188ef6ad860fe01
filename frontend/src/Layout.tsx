import { useOktaAuth } from '@okta/okta-react';
import { NavLink, Outlet } from 'react-router-dom';
import type { Config } from './config';
import { Loading } from './Loading';
import { useSession } from './session/session';

/** What all pages have around them. */
export function Layout({ config }: { config: Config }) {
  const { authState } = useOktaAuth();
  const { leaving, signOut } = useSession();

  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="bar">
        <div className="page bar-row">
          <NavLink className="brand" to="/">
            <img src="/icon.svg" alt="" width="28" height="28" /> FastAPI with Okta
          </NavLink>
          <nav aria-label="Main">
            <NavLink to="/profile">Profile</NavLink>
            <a href={`${config.apiUrl}/docs`}>API docs</a>
          </nav>
          {authState?.isAuthenticated && leaving === null && (
            <button type="button" onClick={() => void signOut()}>
              Sign out
            </button>
          )}
        </div>
      </header>
      <main id="main" className="page" tabIndex={-1}>
        {leaving === null ? <Outlet /> : <Loading text={leaving} />}
      </main>
      <footer className="page foot">
        <p>
          Signs in at <code>{config.issuer}</code> as <code>{config.clientId}</code>, and calls{' '}
          <code>{config.apiUrl}</code>.
        </p>
      </footer>
    </>
  );
}
