import { useId, useState } from 'react';
import type { Decoded } from '../token/jwt';
import { predict } from '../token/requirement';
import { useNow } from '../token/useNow';
import { fill, ROUTES, type ApiRoute } from './routes';

interface Props {
  claims: Decoded['claims'];
  current: ApiRoute | undefined;
  onCall: (route: ApiRoute, path: string) => void;
  /** Shown under the current route where the result does not fit next to the list. */
  children: React.ReactNode;
}

/** Every route with what it requires and whether the token meets that. A click calls it. */
export function RouteList({ claims, current, onCall, children }: Props) {
  return (
    <section className="card" aria-labelledby="routes">
      <h2 id="routes">Routes</h2>
      <ul className="routes">
        {ROUTES.map((route) => (
          <li key={route.method + route.path}>
            <Route route={route} claims={claims} current={route === current} onCall={onCall} />
            {route === current && children}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Route({
  route,
  claims,
  current,
  onCall,
}: { route: ApiRoute; current: boolean } & Pick<Props, 'claims' | 'onCall'>) {
  const [value, setValue] = useState(route.parameter?.initial ?? '');
  const { met, label } = predict(route.requirement, claims, useNow());
  const id = useId();

  return (
    <form
      className="route-form"
      onSubmit={(event) => {
        event.preventDefault();
        onCall(route, fill(route, value));
      }}
    >
      <button className="route" aria-current={current} title={route.summary}>
        <span className="method">{route.method}</span>
        <code>{route.path}</code>
        <span className={met ? 'chip met' : 'chip unmet'}>{label}</span>
      </button>
      {route.parameter && (
        <p className="parameter">
          <label htmlFor={id}>{route.parameter.label}</label>
          <input
            id={id}
            value={value}
            required
            maxLength={60}
            // A browser resolves a path of dots, so it would never reach the route.
            pattern="(?!\.{1,2}$)[^\/]+"
            title="Anything without a slash"
            autoComplete="off"
            onChange={(event) => {
              setValue(event.target.value);
            }}
          />
        </p>
      )}
    </form>
  );
}
