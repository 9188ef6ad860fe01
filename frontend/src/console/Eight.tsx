import { useSession } from '../session/context';
import { StatusChip } from '../ui/Chip';
import { eightFor, type Try } from './eight';
import type { Exchange } from './exchange';
import type { Form } from './SendForm';
import { useDone } from './useDone';

interface Props {
  history: Exchange[];
  onChoose: (change: Partial<Form>) => void;
}

/** The eight things to try, as a checklist; what was done in this tab is ticked. */
export function Eight({ history, onChoose }: Props) {
  const shown = eightFor(useSession().config);
  const done = useDone(history);
  return (
    <section className="card p-4 sm:p-5" aria-labelledby="eight">
      <h2 id="eight" className="subheading mb-3 flex items-center gap-2">
        Try these {shown.length === 8 ? 'eight' : 'four'}
        <span className="text-sm font-normal text-soft">
          {done.size} of {shown.length} done
        </span>
      </h2>
      <ol className="grid gap-2 sm:grid-cols-2 2xl:grid-cols-4">
        {shown.map((one, index) => (
          <li key={one.title}>
            <Choice one={one} isDone={done.has(index)} onChoose={onChoose} />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface ChoiceProps {
  one: Try;
  isDone: boolean;
  onChoose: (change: Partial<Form>) => void;
}

function Choice({ one, isDone, onChoose }: ChoiceProps) {
  return (
    <button
      type="button"
      className="focusable flex size-full cursor-pointer items-start gap-3 rounded-lg border border-line px-3 py-2 text-left hover:border-edge hover:bg-sunken"
      onClick={() => {
        onChoose(one.form);
      }}
    >
      <StatusChip status={one.status} />
      <span className="min-w-0 flex-1">
        <span className="font-semibold">{one.title}</span>
        <small className="block text-soft">{one.first ?? one.text}</small>
      </span>
      {isDone && (
        <span role="img" aria-label="done" className="font-bold text-accent">
          ✓
        </span>
      )}
    </button>
  );
}
