import type { Fault } from './config';

/** In place of the app: what is wrong with its settings, and what to put there. */
export function ConfigFaults({ faults }: { faults: Fault[] }) {
  return (
    <main className="page">
      <title>Settings needed · FastAPI with Okta</title>
      <h1>The app is not set up yet</h1>
      <p>
        {faults.length === 1 ? 'One setting' : `${faults.length} settings`} cannot be used. Correct{' '}
        {faults.length === 1 ? 'it' : 'them'} in <code>frontend/.env.local</code> and start the app
        again, or in <code>config.js</code> where it is served already built.
      </p>
      {faults.map((fault) => (
        <section key={fault.name} className="notice notice-bad" aria-labelledby={fault.name}>
          <h2 id={fault.name}>
            <code>{fault.name}</code>
          </h2>
          {fault.value !== '' && (
            <p>
              It says <code>{fault.value}</code>
            </p>
          )}
          <p>{fault.remedy}</p>
        </section>
      ))}
    </main>
  );
}
