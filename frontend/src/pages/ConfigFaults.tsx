import type { Fault } from '../config';

/** In place of the app: which settings are invalid, and what to put there. */
export function ConfigFaults({ faults }: { faults: Fault[] }) {
  return (
    <main className="page">
      <title>Settings · FastAPI with Okta</title>
      <h1>Check the app’s settings</h1>
      <p>
        {faults.length === 1 ? 'One setting is' : `${faults.length} settings are`} invalid. Fix{' '}
        {faults.length === 1 ? 'it' : 'them'} in <code>frontend/.env.local</code> and restart, or,
        for a built app, in <code>config.js</code>.
      </p>
      {faults.map(({ name, value, remedy }) => (
        <section key={name} className="message bad" aria-labelledby={name}>
          <h2 id={name}>
            <code>{name}</code>
          </h2>
          {value !== '' && (
            <p>
              Current value: <code>{value}</code>
            </p>
          )}
          <p>{remedy}</p>
        </section>
      ))}
    </main>
  );
}
