import type { Action } from '../api/advice';
import { useTokens } from '../session/context';
import { usePeople } from '../session/people';
import { Button } from '../ui/Button';
import { StatusChip } from '../ui/Chip';

const KEY = 'compared';

/** How a request ended, and for whom. */
export interface Ending {
  request: string;
  status: number;
  title: string;
}

interface Props {
  ending: Ending;
  onAction: (action: Action) => void;
}

/** The same request as another person of the local Okta, and how it ended for the one before. */
export function Compare({ ending, onAction }: Props) {
  const { name: me = 'you' } = useTokens().idToken.claims;
  const others = (usePeople() ?? []).filter(({ name }) => name !== me);
  const before = read();
  if (others.length === 0) return null;
  return (
    <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
      {others.map(({ name, login }) => (
        <Button
          key={login}
          size="small"
          onClick={() => {
            sessionStorage.setItem(KEY, JSON.stringify({ ...ending, name: me }));
            onAction({ kind: 'sign-in', request: { loginHint: login } });
          }}
        >
          Send it as {name.split(' ')[0]}
        </Button>
      ))}
      {before?.request === ending.request && before.name !== me && (
        <span>
          As {before.name}: <StatusChip status={before.status} /> {before.title}
        </span>
      )}
    </div>
  );
}

function read(): (Ending & { name: string }) | null {
  return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as (Ending & { name: string }) | null;
}
