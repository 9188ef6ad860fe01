import type { CheckResult, State } from '../token/checks';

const MARKS: Record<State, string> = { passed: '✓', failed: '✗', 'not-reached': '–' };
const WORDS: Record<State, string> = {
  passed: 'passed',
  failed: 'failed',
  'not-reached': 'not reached',
};

/** What the API checked, as far as its response shows. */
export function Checks({ checks, caption }: { checks: CheckResult[]; caption: string }) {
  return (
    <table className="checks">
      <caption>{caption}</caption>
      <tbody>
        {checks.map(({ name, value, rule, state }) => (
          <tr key={name} className={state}>
            <th scope="row">
              <span aria-label={WORDS[state]} role="img">
                {MARKS[state]}
              </span>{' '}
              {name}
            </th>
            <td>
              {value && <code>{value}</code>} <small>{rule}</small>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
