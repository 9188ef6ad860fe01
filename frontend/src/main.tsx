import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ErrorBoundary } from 'react-error-boundary';
import { RouterProvider } from 'react-router/dom';
import { chooseConfig, findFaults, type Config } from './config';
import { restoreTheme } from './layout/theme';
import { ConfigFaults } from './pages/ConfigFaults';
import { Crashed } from './pages/Crashed';
import { createRouter } from './routes';
import { SessionContext } from './session/context';
import { Session } from './session/session';
import './styles.css';

restoreTheme();
const config = chooseConfig(window.__CONFIG__ ?? {}, import.meta.env);
const faults = findFaults(config);
const root = document.getElementById('root');

if (root)
  createRoot(root).render(
    <StrictMode>
      <ErrorBoundary
        fallback={
          <main className="p-6">
            <Crashed />
          </main>
        }
      >
        {faults.length > 0 ? <ConfigFaults faults={faults} /> : app(config)}
      </ErrorBoundary>
    </StrictMode>,
  );

function app(config: Config) {
  const session = new Session(config);
  return (
    <SessionContext value={session}>
      <RouterProvider router={createRouter(session)} />
    </SessionContext>
  );
}

// A page from the back/forward cache still shows what its former user saw.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) window.location.reload();
});
