import { createRoot } from 'react-dom/client';
import { App } from './App';
import { chooseConfig, findFaults } from './config';
import { ConfigFaults } from './ConfigFaults';
import { Crashed } from './Crashed';
import './styles/base.css';
import './styles/layout.css';
import './styles/parts.css';

const config = chooseConfig(window.__CONFIG__ ?? {}, import.meta.env);
const faults = findFaults(config);
const root = document.getElementById('root');

if (root) {
  createRoot(root).render(
    <Crashed>
      {faults.length > 0 ? <ConfigFaults faults={faults} /> : <App config={config} />}
    </Crashed>,
  );
}

// A page taken from the back/forward cache still holds what its former user saw.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) window.location.reload();
});
