import { toRelativeUrl } from '@okta/okta-auth-js';
import { Security } from '@okta/okta-react';
import { StrictMode, useState } from 'react';
import { BrowserRouter, Route, Routes, useNavigate } from 'react-router-dom';
import type { Config } from './config';
import { Layout } from './Layout';
import { Callback } from './pages/Callback';
import { Home } from './pages/Home';
import { NotFound } from './pages/NotFound';
import { Profile } from './pages/Profile';
import { createOktaAuth } from './session/okta';
import { RequiredAuth } from './session/RequiredAuth';
import { SessionProvider } from './session/SessionProvider';

/** The app, for a configuration without faults. */
export function App({ config }: { config: Config }) {
  return (
    <BrowserRouter>
      <Pages config={config} />
    </BrowserRouter>
  );
}

function Pages({ config }: { config: Config }) {
  const navigate = useNavigate();
  const [oktaAuth] = useState(() => createOktaAuth(config));

  return (
    <Security
      oktaAuth={oktaAuth}
      restoreOriginalUri={(_, uri) =>
        void navigate(toRelativeUrl(uri || '/', window.location.origin), { replace: true })
      }
    >
      {/* Within Security, which warns about itself when its effects run twice. */}
      <StrictMode>
        <SessionProvider issuer={config.issuer}>
          <Routes>
            <Route element={<Layout config={config} />}>
              <Route index element={<Home apiUrl={config.apiUrl} />} />
              <Route path="login/callback" element={<Callback issuer={config.issuer} />} />
              <Route element={<RequiredAuth />}>
                <Route path="profile" element={<Profile />} />
              </Route>
              <Route path="*" element={<NotFound />} />
            </Route>
          </Routes>
        </SessionProvider>
      </StrictMode>
    </Security>
  );
}
