import { createBrowserRouter, type RouteObject } from 'react-router';
import { hasConsole, loadConsole } from './extensions';
import { Layout } from './layout/Layout';
import { callback } from './pages/callback';
import { Crashed } from './pages/Crashed';
import { Home } from './pages/Home';
import { NotFound } from './pages/NotFound';
import { SignInFailed } from './pages/SignInFailed';
import { RequireSignIn } from './session/RequireSignIn';
import type { Session } from './session/session';
import { Loading } from './ui/Loading';

/** Create the router. Pages that require a sign-in are loaded when they are first opened. */
export function createRouter(session: Session) {
  return createBrowserRouter(routes(session), { basename: import.meta.env.BASE_URL });
}

function routes(session: Session): RouteObject[] {
  return [
    {
      element: <Layout />,
      errorElement: (
        <main className="p-6">
          <Crashed />
        </main>
      ),
      children: [
        {
          errorElement: <Crashed />,
          children: [
            { index: true, element: <Home /> },
            {
              path: 'login/callback',
              loader: callback(session),
              element: null,
              errorElement: <SignInFailed />,
              hydrateFallbackElement: <Loading text="Signing you in…" />,
            },
            {
              element: <RequireSignIn />,
              hydrateFallbackElement: <Loading text="Loading…" />,
              children: [
                {
                  lazy: async () => ({
                    Component: (await import('./api/QueryRoutes')).QueryRoutes,
                  }),
                  children: pages(session),
                },
              ],
            },
            { path: '*', element: <NotFound /> },
          ],
        },
      ],
    },
  ];
}

// `lazy` is a function that returns the component: React Router ignores a rejection of the other form.
function pages(session: Session): RouteObject[] {
  const load = hasConsole(session.config) ? loadConsole : undefined;
  return [
    {
      path: 'reports',
      lazy: async () => ({ Component: (await import('./reports/ReportsPage')).ReportsPage }),
    },
    {
      path: 'profile',
      lazy: async () => ({ Component: (await import('./pages/Profile')).Profile }),
    },
    ...(load
      ? [{ path: 'console/*', lazy: async () => ({ Component: (await load()).Console }) }]
      : []),
  ];
}
