/** Where to sign in, as whom, and which API to call. */
export interface Config {
  issuer: string;
  clientId: string;
  apiUrl: string;
}

/** A setting that cannot be used: its name, its value, and what to put there. */
export interface Fault {
  name: 'VITE_OKTA_ISSUER' | 'VITE_OKTA_CLIENT_ID' | 'VITE_API_URL';
  value: string;
  remedy: string;
}

export interface Env {
  VITE_OKTA_ISSUER?: string;
  VITE_OKTA_CLIENT_ID?: string;
  VITE_API_URL?: string;
}

const LOCAL: Config = {
  issuer: 'http://localhost:9000/oauth2/default',
  clientId: '0oalocalspa',
  apiUrl: 'http://localhost:8000',
};

const ISSUER_EXAMPLE = 'https://dev-123456.okta.com/oauth2/default';

/** Choose each setting: first of run time, then of the build, then the local Okta's. */
export function chooseConfig(runtime: Partial<Config>, env: Env): Config {
  return {
    issuer: runtime.issuer ?? env.VITE_OKTA_ISSUER ?? LOCAL.issuer,
    clientId: runtime.clientId ?? env.VITE_OKTA_CLIENT_ID ?? LOCAL.clientId,
    apiUrl: runtime.apiUrl ?? env.VITE_API_URL ?? LOCAL.apiUrl,
  };
}

/** Name all that is wrong with a configuration; empty when it can be used. */
export function findFaults(config: Config): Fault[] {
  const { issuer, clientId, apiUrl } = config;
  const checked: [Fault['name'], string, string | null][] = [
    ['VITE_OKTA_ISSUER', issuer, issuerRemedy(issuer)],
    ['VITE_OKTA_CLIENT_ID', clientId, clientIdRemedy(clientId)],
    ['VITE_API_URL', apiUrl, apiUrlRemedy(apiUrl)],
  ];
  return checked.flatMap(([name, value, remedy]) => (remedy ? [{ name, value, remedy }] : []));
}

function issuerRemedy(issuer: string): string | null {
  if (issuer === '') return `It is empty. Put your issuer there, like ${ISSUER_EXAMPLE}`;
  if (/[{}]/.test(issuer))
    return `A placeholder is left in. Put your own domain there, like ${ISSUER_EXAMPLE}`;
  const url = httpUrl(issuer);
  if (url === null) return `It is not a URL. Write it in full, like ${ISSUER_EXAMPLE}`;
  if (url.hostname.includes('-admin.'))
    return `It is the address of the admin console. Write ${issuer.replace('-admin.', '.')}`;
  if (url.search + url.hash !== '')
    return `It holds a query or a fragment. Write ${url.origin}${url.pathname}`;
  if (!/^\/oauth2\/[^/]+\/?$/.test(url.pathname))
    return (
      'It is the org authorization server, whose access tokens only Okta itself can verify. ' +
      `Put a custom authorization server there, like ${url.origin}/oauth2/default`
    );
  if (issuer.endsWith('/'))
    return `It ends in a slash, and the iss claim does not. Write ${issuer.slice(0, -1)}`;
  return insecureRemedy(url, issuer);
}

function clientIdRemedy(clientId: string): string | null {
  if (clientId === '')
    return 'It is empty. Put the client ID of your single-page application there.';
  if (/[{}]/.test(clientId))
    return 'A placeholder is left in. Put the client ID of your single-page application there.';
  if (/\s/.test(clientId)) return 'It holds a space. Copy the client ID again, and nothing else.';
  return null;
}

function apiUrlRemedy(apiUrl: string): string | null {
  if (apiUrl === '') return `It is empty. Put the address of the API there, like ${LOCAL.apiUrl}`;
  const url = httpUrl(apiUrl);
  if (url === null || url.search + url.hash !== '')
    return `It is not a plain URL. Write it in full, like ${LOCAL.apiUrl}`;
  return insecureRemedy(url, apiUrl);
}

// Tokens would cross the network in the clear.
function insecureRemedy(url: URL, value: string): string | null {
  const loopback = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'https:' || loopback) return null;
  return `It is plain http. Write ${value.replace('http:', 'https:')}`;
}

function httpUrl(value: string): URL | null {
  if (/\s/.test(value) || !URL.canParse(value)) return null;
  const url = new URL(value);
  return ['http:', 'https:'].includes(url.protocol) ? url : null;
}
