import type { Decoded } from '../token/jwt';
import { Chip } from '../ui/Chip';
import type { ApiRoute } from './openapi';
import { describe, predict } from './requirement';
import type { Form } from './SendForm';
import { useNow } from './useNow';

interface Props {
  routes: ApiRoute[];
  form: Form;
  /** Those of the token to send; null if it has none. */
  claims: Decoded['claims'] | null;
  onChoose: (change: Partial<Form>) => void;
}

/** Every route with what it requires, and what the chosen token lacks. A click fills the form. */
export function RouteList({ routes, form, claims, onChoose }: Props) {
  const now = useNow();
  return (
    <section aria-labelledby="routes">
      <h2 id="routes" className="mb-1 px-3 text-sm font-semibold text-soft">
        Routes
      </h2>
      <ul className="grid gap-0.5">
        {routes.map((route) => {
          const lacking = predict(route.requirement, claims, form.credential, now);
          const isCurrent = route.method === form.method && matches(route, form.path);
          return (
            <li key={`${route.method} ${route.path}`}>
              <button
                type="button"
                className="focusable grid w-full cursor-pointer grid-cols-[3.5rem_minmax(0,1fr)] gap-x-2 rounded-lg border border-transparent px-3 py-2 text-left hover:bg-sunken aria-[current=true]:border-accent aria-[current=true]:bg-accent-soft"
                aria-current={isCurrent}
                onClick={() => {
                  onChoose({ method: route.method, path: route.example });
                }}
              >
                <span className="pt-0.5 font-mono text-xs font-semibold text-soft">
                  {route.method}
                </span>
                <code className="code">{route.path}</code>
                <span className="col-start-2 text-sm text-soft">
                  {route.summary} · {describe(route.requirement)}{' '}
                  {lacking !== null && <Chip tone="warn">{lacking}</Chip>}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function matches({ path }: ApiRoute, filled: string): boolean {
  const parts = filled.split('?')[0]?.split('/') ?? [];
  const pattern = path.split('/');
  return (
    parts.length === pattern.length &&
    pattern.every((part, index) => part.startsWith('{') || part === parts[index])
  );
}
