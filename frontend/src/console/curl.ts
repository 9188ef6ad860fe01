import { isLocal, type Config } from '../config';
import { scopesOf } from '../token/jwt';
import type { Exchange } from './exchange';

/**
 * Write a request as a curl command. The token stays a shell variable, so that none is shown or
 * copied.
 */
export function curlFor({ url, route, credential }: Exchange): string {
  const parts = ['curl -i'];
  if (route.method !== 'GET') parts.push(`-X ${route.method}`);
  if (credential === 'changed') parts.push(`-H "Authorization: Bearer \${TOKEN%????}AAAA"`);
  else if (credential !== 'none') parts.push('-H "Authorization: Bearer $TOKEN"');
  // A quote ends the shell's string; as %27 it is the same address.
  parts.push(`'${url.replaceAll("'", '%27')}'`);
  return parts.join(' ');
}

/**
 * Write the command that sets TOKEN to a token of the same person with the same scopes; null where
 * `make token` cannot: with a real org, or for another token than an access token.
 */
export function tokenCommandFor({ token, credential }: Exchange, config: Config): string | null {
  if (!isLocal(config.issuer) || !token || !['own', 'changed'].includes(credential)) return null;
  const { sub } = token.claims;
  const scopes = scopesOf(token.claims).filter((scope) => scope !== 'offline_access');
  const scope = scopes.join(' ');
  // Nothing that could end a string of the shell.
  if (typeof sub !== 'string' || !/^[\w.@+-]+$/.test(sub) || !/^[\w.: -]*$/.test(scope))
    return null;
  return `TOKEN=$(make -s token ARGS='--user ${sub} --scope "${scope}"')`;
}
