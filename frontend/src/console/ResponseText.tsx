import type { Received } from '../api/outcome';
import { Json } from '../ui/Json';

const CHALLENGE_VALUE = /(?<=(?:error|scope|acr_values|max_age)=")[^"]*(?=")/g;

/** A response as HTTP shows it, with what to act on in its challenge highlighted. */
export function ResponseText({ response }: { response: Received }) {
  const { status, statusText, headers, body } = response;
  return (
    <pre className="code-block">
      HTTP <span className="text-warn">{status}</span> {statusText}
      {'\n'}
      {headers.map(([name, value]) => (
        <span key={name}>
          <span className="text-info">{name}</span>:{' '}
          {name === 'www-authenticate' ? highlighted(value) : value}
          {'\n'}
        </span>
      ))}
      {'\n'}
      <Json text={withoutChecks(body)} />
    </pre>
  );
}

// They are shown above, and would bury the rest.
function withoutChecks(body: string): string {
  try {
    const value = JSON.parse(body) as { checks?: unknown };
    if (!Array.isArray(value.checks)) return body;
    return JSON.stringify({ ...value, checks: `${value.checks.length} checks, shown above` });
  } catch {
    return body;
  }
}

function highlighted(challenge: string) {
  const values = [...challenge.matchAll(CHALLENGE_VALUE)];
  const ends = [0, ...values.map(({ 0: value, index }) => index + value.length)];
  return [
    ...values.map(({ 0: value, index }, nth) => (
      <span key={index}>
        {challenge.slice(ends[nth], index)}
        <mark className="rounded bg-warn-soft px-1 text-warn">{value}</mark>
      </span>
    )),
    challenge.slice(ends.at(-1)),
  ];
}
