import type { Check } from '../api/refusal';
import { withTime } from './time';

const MARKS = {
  passed: ['✓', 'text-accent'],
  failed: ['✗', 'text-bad'],
} as const;

interface Props {
  checks: Check[];
  /** Whether the API accepted the request: then it passed those too that the list leaves out. */
  accepted: boolean;
}

/** The checks as the API made them, the failed one first; the names and the order are the API's. */
export function Pipeline({ checks, accepted }: Props) {
  const failed = checks.filter(({ result }) => result === 'failed');
  const passed = checks.filter(({ result }) => result === 'passed');
  const rest = checks.filter(({ result }) => result === 'not_reached');
  return (
    <section aria-label="What the API checked" className="mt-5">
      <List checks={failed} />
      {passed.length > 0 && (
        <details className="border-t border-line" open={failed.length === 0}>
          <summary className="focusable cursor-pointer rounded px-3 py-2.5 text-soft">
            <span className="font-bold text-accent" aria-hidden="true">
              ✓
            </span>{' '}
            {passed.length} {passed.length === 1 ? 'check' : 'checks'} passed
            {failed.length > 0 && ' before it'}
          </summary>
          <List checks={passed} />
        </details>
      )}
      {rest.length > 0 && (
        <p className="border-t border-line px-3 py-2.5 text-soft">
          {accepted ? 'Passed too, without details' : 'Not reached'}:{' '}
          <code className="code">{rest.map(({ name }) => name).join(', ')}</code>
        </p>
      )}
    </section>
  );
}

function List({ checks }: { checks: Check[] }) {
  return (
    <ul>
      {checks.map((check, index) => (
        <Row key={index} {...check} />
      ))}
    </ul>
  );
}

function Row({ name, result, expected, got, source }: Check) {
  const isFailed = result === 'failed';
  const [mark, colour] = MARKS[isFailed ? 'failed' : 'passed'];
  return (
    <li
      className={`grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-3 px-3 py-2.5 sm:grid-cols-[1.25rem_8rem_minmax(0,1fr)_auto] ${isFailed ? 'rounded-lg border border-bad bg-bad-soft' : 'border-t border-line'}`}
    >
      <span role="img" aria-label={result} className={`font-bold ${colour}`}>
        {mark}
      </span>
      <b className="font-semibold">{name}</b>
      <dl className="grid grid-cols-[4.5rem_minmax(0,1fr)] gap-x-2 text-sm max-sm:col-start-2">
        <Pair name="expected" value={expected} />
        <Pair name="got" value={withTime(name, got)} />
      </dl>
      {source && (
        <code className="code text-soft max-sm:col-start-2 sm:max-w-64 sm:text-right">
          {source}
        </code>
      )}
    </li>
  );
}

function Pair({ name, value }: { name: string; value: string }) {
  if (value === '') return null;
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd>
        <code className="code">{value}</code>
      </dd>
    </>
  );
}
