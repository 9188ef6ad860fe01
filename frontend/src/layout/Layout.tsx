import { lazy, Suspense } from 'react';
import { Link, NavLink, Outlet } from 'react-router';
import { BRAND } from '../../brand';
import { HOME } from '../config';
import { hasConsole } from '../extensions';
import { useSession, useSessionState } from '../session/context';
import { useIdleSignOut } from '../session/idle';
import { Loading } from '../ui/Loading';
import { ThemeToggle } from './ThemeToggle';

// Not needed to sign in, so not part of the first load.
const AccountMenu = lazy(async () => ({ default: (await import('./AccountMenu')).AccountMenu }));
const IdleWarning = lazy(async () => ({ default: (await import('./IdleWarning')).IdleWarning }));
const Toasts = lazy(async () => ({ default: (await import('../ui/Toasts')).Toasts }));

const NAV_LINK =
  'focusable rounded-lg px-3 py-1.5 text-soft no-underline hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:font-semibold aria-[current=page]:text-ink forced-colors:aria-[current=page]:underline';

/** What every page has around it. */
export function Layout() {
  const session = useSession();
  const { tokens, leaving } = useSessionState();
  const [secondsLeft, stay] = useIdleSignOut();
  const signedIn = tokens !== null && leaving === null;

  return (
    <div className="flex min-h-dvh flex-col bg-page text-ink">
      <a
        className="focusable absolute top-2 left-2 z-50 -translate-y-20 rounded-lg bg-card px-4 py-2 focus:translate-y-0"
        href="#main"
      >
        Skip to content
      </a>
      <header className="border-b border-line bg-card">
        <div className="mx-auto flex max-w-[90rem] flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 sm:px-6">
          <Link
            className="focusable mr-auto flex items-center gap-2.5 rounded-lg py-1 font-semibold text-ink no-underline"
            to="/"
          >
            <img src={`${HOME}/icon.svg`} alt="" width="28" height="28" /> {BRAND.name}
          </Link>
          <nav
            aria-label="Main"
            className="flex flex-wrap max-sm:order-last max-sm:-mx-3 max-sm:w-full"
          >
            {signedIn && (
              <>
                <NavLink to="/reports" className={NAV_LINK}>
                  Reports
                </NavLink>
                {hasConsole(session.config) && (
                  <NavLink to="/console" className={NAV_LINK}>
                    Console
                  </NavLink>
                )}
              </>
            )}
            <a href={`${session.config.apiUrl}/docs`} className={NAV_LINK}>
              API docs
            </a>
          </nav>
          <ThemeToggle />
          {signedIn && (
            <Suspense fallback={<span className="h-11 w-16" />}>
              <AccountMenu claims={tokens.idToken.claims} />
            </Suspense>
          )}
        </div>
      </header>
      <main
        id="main"
        className="mx-auto w-full max-w-[90rem] grow px-4 pt-6 pb-12 outline-none sm:px-6"
        tabIndex={-1}
      >
        {leaving !== null ? (
          <Loading text={leaving} />
        ) : signedIn ? (
          <Suspense fallback={<Loading text="Loading…" />}>
            <Toasts>
              <Outlet />
            </Toasts>
          </Suspense>
        ) : (
          <Outlet />
        )}
      </main>
      <Suspense>
        {signedIn && secondsLeft !== null && (
          <IdleWarning
            seconds={secondsLeft}
            onStay={stay}
            onSignOut={() => void session.signOut()}
          />
        )}
      </Suspense>
    </div>
  );
}
