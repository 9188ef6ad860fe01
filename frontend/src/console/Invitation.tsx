import { Link } from 'react-router';
import { useSession } from '../session/context';
import { StatusChip } from '../ui/Chip';
import { eightFor } from './eight';

/** What to try in the console, on the start page. Each link fills the console's form. */
export function Invitation() {
  const { config } = useSession();
  const shown = eightFor(config);
  return (
    <section className="mx-auto mt-8 max-w-6xl" aria-labelledby="try">
      <h2 id="try" className="mb-3 text-xl font-semibold">
        Try these {shown.length === 8 ? 'eight' : 'four'}
      </h2>
      <ol className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
        {shown.map(({ status, title, text, form: { method, path, credential } }) => (
          <li key={title}>
            <Link
              className="card focusable flex h-full flex-col items-start gap-1 p-4 text-ink no-underline hover:border-edge"
              to={`/console?${new URLSearchParams({ method, path, as: credential })}`}
            >
              <StatusChip status={status} />
              <span className="font-semibold">{title}</span>
              <small className="text-soft">{text}</small>
            </Link>
          </li>
        ))}
      </ol>
    </section>
  );
}
