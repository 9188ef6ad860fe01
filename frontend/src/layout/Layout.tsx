import { Link, NavLink, Outlet } from 'react-router';
import { useSession, useSessionState } from '../session/context';
import { Loading } from '../ui/Loading';
import { AccountMenu } from './AccountMenu';
import { ThemeToggle } from './ThemeToggle';

/** What every page has around it. */
export function Layout() {
  const { config } = useSession();
  const { tokens, leaving } = useSessionState();
  const signedIn = tokens !== null && leaving === null;

  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header>
        <div className="page bar">
          <Link className="brand" to="/">
            <img src="/icon.svg" alt="" width="28" height="28" /> FastAPI with Okta
          </Link>
          <nav aria-label="Main">
            {signedIn && (
              <>
                <NavLink to="/" end>
                  Console
                </NavLink>
                <NavLink to="/token">Token</NavLink>
                <NavLink to="/reports">Reports</NavLink>
                <NavLink to="/live">Live</NavLink>
              </>
            )}
            <a href={`${config.apiUrl}/docs`}>API docs</a>
          </nav>
          <ThemeToggle />
          {signedIn && <AccountMenu claims={tokens.idToken.claims} />}
        </div>
      </header>
      <main id="main" className="page" tabIndex={-1}>
        {leaving === null ? <Outlet /> : <Loading text={leaving} />}
      </main>
      <footer className="page">
        <small>
          Issuer <code>{config.issuer}</code> · client ID <code>{config.clientId}</code> · API{' '}
          <code>{config.apiUrl}</code>
        </small>
      </footer>
    </>
  );
}
