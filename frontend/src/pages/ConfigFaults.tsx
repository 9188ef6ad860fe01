import { BRAND } from '../../brand';
import type { Fault } from '../config';

/** In place of the app: which settings are invalid, and what to put there. */
export function ConfigFaults({ faults }: { faults: Fault[] }) {
  return (
    <main className="mx-auto grid min-h-dvh max-w-3xl grid-cols-[minmax(0,1fr)] content-start gap-4 bg-page p-6 text-ink">
      <title>{`Settings · ${BRAND.name}`}</title>
      <h1 className="heading">Check the app’s settings</h1>
      <p>
        {faults.length === 1 ? 'One setting is' : `${faults.length} settings are`} invalid. Fix{' '}
        {faults.length === 1 ? 'it' : 'them'} in <code className="code">frontend/.env.local</code>{' '}
        and restart, or, for a built app, in <code className="code">config.js</code> and reload.
      </p>
      {faults.map(({ name, variable, value, remedy }) => (
        <section
          key={name}
          className="grid grid-cols-[minmax(0,1fr)] gap-1 rounded-lg border border-l-4 border-bad bg-bad-soft px-4 py-3"
          aria-labelledby={name}
        >
          <h2 id={name} className="subheading">
            <code className="code">{name}</code> in config.js,{' '}
            <code className="code">{variable}</code> in the build
          </h2>
          {value !== '' && (
            <p>
              Current value: <code className="code">{value}</code>
            </p>
          )}
          <p className="[overflow-wrap:anywhere]">{remedy}</p>
        </section>
      ))}
    </main>
  );
}
