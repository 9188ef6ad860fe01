import { useSession } from '../session/context';
import { CopyButton } from '../ui/CopyButton';
import { curlFor, tokenCommandFor } from './curl';
import type { Exchange } from './exchange';

/** A request as HTTP shows it, without the token. */
export function RequestText({ exchange: { route, url, scheme } }: { exchange: Exchange }) {
  return (
    <pre>
      {route.method} {url}
      {scheme && (
        <>
          {'\n'}
          <span className="code-name">Authorization</span>: {scheme} ••••••••
        </>
      )}
      {scheme === 'DPoP' && (
        <>
          {'\n'}
          <span className="code-name">DPoP</span>: ••••••••
        </>
      )}
    </pre>
  );
}

/** A request as a curl command, and how to get a token for it. */
export function Curl({ exchange }: { exchange: Exchange }) {
  const { config } = useSession();
  const command = curlFor(exchange);
  const tokenCommand = tokenCommandFor(exchange, config);
  return (
    <>
      <pre>{command}</pre>
      <CopyButton key={command} text={command}>
        Copy the curl command
      </CopyButton>
      {exchange.scheme && (
        <p>
          <small>
            {exchange.scheme === 'DPoP'
              ? 'Token and proof are not included: set TOKEN and PROOF in your shell. A proof is for one request.'
              : 'The token is not included: set TOKEN in your shell.'}
          </small>
        </p>
      )}
      {tokenCommand && (
        <>
          <p>
            <small>Get one for the same person and scopes from the local Okta:</small>
          </p>
          <pre>{tokenCommand}</pre>
          <CopyButton text={tokenCommand}>Copy the token command</CopyButton>
        </>
      )}
    </>
  );
}
