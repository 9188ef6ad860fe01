import type { Check } from '../api/refusal';

const MARKS = {
  passed: ['✓', 'passed', 'text-accent'],
  failed: ['✗', 'failed', 'text-bad'],
  not_reached: ['–', 'not reached', 'text-soft'],
} as const;

/** The checks as the API made them, the failed one first; the names and the order are the API's. */
export function Pipeline({ checks }: { checks: Check[] }) {
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
      <List checks={rest} />
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
  const [mark, word, colour] = MARKS[result];
  const isFailed = result === 'failed';
  return (
    <li
      className={`grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-3 px-3 py-2.5 sm:grid-cols-[1.25rem_8rem_minmax(0,1fr)_auto] ${isFailed ? 'rounded-lg border border-bad bg-bad-soft' : 'border-t border-line'}`}
    >
      <span role="img" aria-label={word} className={`font-bold ${colour}`}>
        {mark}
      </span>
      <b className={`font-semibold ${result === 'not_reached' ? 'text-soft' : ''}`}>{name}</b>
      {result === 'not_reached' ? (
        <span className="text-soft max-sm:col-start-2">not reached</span>
      ) : (
        <dl className="grid grid-cols-[4.5rem_minmax(0,1fr)] gap-x-2 text-sm max-sm:col-start-2">
          <Pair name="expected" value={expected} />
          <Pair name="got" value={got} />
        </dl>
      )}
      {source && (
        <code className="code text-soft max-sm:col-start-2 sm:max-w-48 sm:text-right">
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
