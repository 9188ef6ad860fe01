import type { Received } from '../api/outcome';
import { Json } from '../ui/Json';

const CHALLENGE_VALUE =
  /(?<=(?:error|error_description|scope|acr_values|max_age|algs)=")[^"]*(?=")/g;

/** A response as HTTP shows it, with what to act on in its challenge highlighted. */
export function ResponseText({ response }: { response: Received }) {
  const { status, statusText, headers, body } = response;
  return (
    <pre>
      HTTP <span className="code-number">{status}</span> {statusText}
      {'\n'}
      {headers.map(([name, value]) => (
        <span key={name}>
          <span className="code-name">{name}</span>:{' '}
          {name === 'www-authenticate' ? highlighted(value) : value}
          {'\n'}
        </span>
      ))}
      {'\n'}
      <Json text={body} />
    </pre>
  );
}

function highlighted(challenge: string) {
  const values = [...challenge.matchAll(CHALLENGE_VALUE)];
  const ends = [0, ...values.map(({ 0: value, index }) => index + value.length)];
  return [
    ...values.map(({ 0: value, index }, nth) => (
      <span key={index}>
        {challenge.slice(ends[nth], index)}
        <mark>{value}</mark>
      </span>
    )),
    challenge.slice(ends.at(-1)),
  ];
}
