import { isLocal, type Config } from '../config';
import { scopesOf } from '../token/jwt';
import type { Credential } from './credentials';
import type { Exchange } from './exchange';

/**
 * Write a request as a curl command. The token and the proof stay shell variables, so that none is
 * shown or copied.
 */
export function curlFor({ url, method, scheme, credential, body }: Exchange): string {
  const parts = ['curl -i'];
  if (method !== 'GET') parts.push(`-X ${method}`);
  const token = credential === 'changed' ? '${TOKEN%????}AAAA' : '$TOKEN';
  if (scheme) parts.push(`-H "Authorization: ${scheme} ${token}"`);
  if (scheme === 'DPoP') parts.push('-H "DPoP: $PROOF"');
  if (body !== null) parts.push(`-H 'Content-Type: application/json' -d ${quoted(body)}`);
  parts.push(`'${withoutQuotes(url)}'`);
  return parts.join(' ');
}

const OTHER_TOKENS: Credential[] = ['id', 'expired', 'pasted', 'unproved', 'replayed'];

/**
 * Write the command that sets TOKEN to a token of the same person with the same scopes, and with
 * DPoP PROOF to a proof; null where `make token` cannot: with a real org, or for another token than
 * an access token.
 */
export function tokenCommandFor(exchange: Exchange, config: Config): string | null {
  const { token, credential, scheme, method, url } = exchange;
  if (!isLocal(config.issuer) || !token || OTHER_TOKENS.includes(credential)) return null;
  const { sub } = token.claims;
  const scopes = scopesOf(token.claims).filter((scope) => scope !== 'offline_access');
  const scope = scopes.join(' ');
  // Nothing that could end a string of the shell.
  if (typeof sub !== 'string' || !/^[\w.@+-]+$/.test(sub) || !/^[\w.: -]*$/.test(scope))
    return null;
  const args = `--user ${sub} --scope "${scope}"`;
  if (scheme !== 'DPoP') return `TOKEN=$(make -s token ARGS='${args}')`;
  const target = `--method ${method} --url ${withoutQuotes(url)}`;
  return `eval "$(make -s token ARGS='--dpop ${args} ${target}' | head -n 2)"`;
}

// A quote ends the shell's string; as %27 it is the same address.
function withoutQuotes(url: string): string {
  return url.replaceAll("'", '%27');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
