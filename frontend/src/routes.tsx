import { createBrowserRouter } from 'react-router';
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
  return createBrowserRouter([
    {
      element: <Layout />,
      errorElement: (
        <main className="page">
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
                  path: 'token',
                  lazy: { Component: async () => (await import('./pages/TokenPage')).TokenPage },
                },
                {
                  path: 'live',
                  lazy: { Component: async () => (await import('./pages/Live')).Live },
                },
                {
                  lazy: { Component: async () => (await import('./api/QueryRoutes')).QueryRoutes },
                  children: [
                    {
                      path: 'reports',
                      lazy: { Component: async () => (await import('./pages/Reports')).Reports },
                    },
                    {
                      path: 'profile',
                      lazy: { Component: async () => (await import('./pages/Profile')).Profile },
                    },
                  ],
                },
              ],
            },
            { path: '*', element: <NotFound /> },
          ],
        },
      ],
    },
  ]);
}
