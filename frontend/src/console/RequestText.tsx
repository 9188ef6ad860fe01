import { useSession } from '../session/context';
import { CopyButton } from '../ui/CopyButton';
import { curlFor, tokenCommandFor } from './curl';
import type { Exchange } from './exchange';

/** A request as HTTP shows it, without the token. */
export function RequestText({ exchange }: { exchange: Exchange }) {
  const { method, url, scheme, body, credential } = exchange;
  const hasProof = scheme === 'DPoP' || credential === 'replayed';
  return (
    <pre className="code-block">
      {method} {url}
      {scheme && <Header name="Authorization" value={`${scheme} ••••••••`} />}
      {hasProof && <Header name="DPoP" value="••••••••" />}
      {body !== null && `\n\n${body}`}
    </pre>
  );
}

function Header({ name, value }: { name: string; value: string }) {
  return (
    <>
      {'\n'}
      <span className="text-info">{name}</span>: {value}
    </>
  );
}

/** A request as a curl command, and how to get a token for it. */
export function Curl({ exchange }: { exchange: Exchange }) {
  const { config } = useSession();
  const command = curlFor(exchange);
  const tokenCommand = tokenCommandFor(exchange, config);
  return (
    <div className="grid gap-3">
      <pre className="code-block">{command}</pre>
      <CopyButton key={command} text={command}>
        Copy the curl command
      </CopyButton>
      {exchange.scheme && (
        <p className="text-sm text-soft">
          {exchange.scheme === 'DPoP'
            ? 'Token and proof are not included: set TOKEN and PROOF in your shell. A proof is for one request.'
            : 'The token is not included: set TOKEN in your shell.'}
        </p>
      )}
      {tokenCommand && (
        <>
          <p className="text-sm text-soft">
            Get one for the same person and scopes from the local Okta, in the repository’s folder:
          </p>
          <pre className="code-block">{tokenCommand}</pre>
          <CopyButton text={tokenCommand}>Copy the token command</CopyButton>
        </>
      )}
    </div>
  );
}
