import { StatusChip } from '../ui/Chip';
import { CREDENTIALS } from './credentials';
import type { Exchange } from './exchange';

interface Props {
  history: Exchange[];
  shown: number | null;
  onShow: (id: number) => void;
}

/** The last twenty requests, each to look at again. They are gone after a reload. */
export function History({ history, shown, onShow }: Props) {
  if (history.length === 0) return null;
  return (
    <section aria-labelledby="history">
      <h2 id="history" className="mb-1 px-3 text-sm font-semibold text-soft">
        History
      </h2>
      <ul className="grid gap-0.5">
        {history.map(({ id, at, method, path, credential, outcome }) => (
          <li key={id}>
            <button
              type="button"
              className="focusable flex w-full cursor-pointer items-baseline gap-2 rounded-lg px-3 py-1.5 text-left text-sm hover:bg-sunken aria-[current=true]:bg-sunken aria-[current=true]:font-semibold"
              aria-current={id === shown}
              onClick={() => {
                onShow(id);
              }}
            >
              <time className="font-mono text-xs text-soft" dateTime={at.toISOString()}>
                {at.toLocaleTimeString('en-GB', { timeStyle: 'short' })}
              </time>
              {outcome?.kind === 'received' ? <StatusChip status={outcome.status} /> : '–'}
              <span className="min-w-0 [overflow-wrap:anywhere]">
                <code className="code">
                  {method} {path}
                </code>{' '}
                {credential !== 'own' && (
                  <span className="text-soft">{CREDENTIALS[credential].label}</span>
                )}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
