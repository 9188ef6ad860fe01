/** Where to sign in, as whom, and which API to call. */
export interface Config {
  issuer: string;
  clientId: string;
  apiUrl: string;
  /** Whether to sign in with DPoP (RFC 9449), which the app in Okta and the API must allow. */
  dpop: boolean;
}

/** An invalid setting: its name, its value, and what to put there. */
export interface Fault {
  name: 'VITE_OKTA_ISSUER' | 'VITE_OKTA_CLIENT_ID' | 'VITE_API_URL';
  value: string;
  remedy: string;
}

export interface Env {
  VITE_OKTA_ISSUER?: string;
  VITE_OKTA_CLIENT_ID?: string;
  VITE_API_URL?: string;
  VITE_DPOP?: string;
}

const LOCAL = {
  issuer: 'http://localhost:9000/oauth2/default',
  clientId: '0oalocalspa',
  apiUrl: 'http://localhost:8000',
};

const ISSUER_EXAMPLE = 'https://dev-123456.okta.com/oauth2/default';

/** Choose each setting: from run time, else from the build, else that of the local Okta. */
export function chooseConfig(runtime: Partial<Config>, env: Env): Config {
  return {
    issuer: runtime.issuer ?? env.VITE_OKTA_ISSUER ?? LOCAL.issuer,
    clientId: runtime.clientId ?? env.VITE_OKTA_CLIENT_ID ?? LOCAL.clientId,
    apiUrl: (runtime.apiUrl ?? env.VITE_API_URL ?? LOCAL.apiUrl).replace(/\/$/, ''),
    dpop: runtime.dpop ?? env.VITE_DPOP === 'true',
  };
}

/** List every fault of a configuration; none if it is valid. */
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
  if (issuer === '') return `It is empty. Use your issuer, for example ${ISSUER_EXAMPLE}`;
  if (/[{}]/.test(issuer))
    return `It contains a placeholder. Use your own domain, for example ${ISSUER_EXAMPLE}`;
  const url = httpUrl(issuer);
  if (url === null) return `It is not a URL. Use a full one, for example ${ISSUER_EXAMPLE}`;
  if (/-admin\.okta(preview)?\.com$/.test(url.hostname))
    return `This is the admin console's address. Use ${issuer.replace('-admin.', '.')}`;
  if (url.search + url.hash !== '')
    return `It contains a query or a fragment. Use ${url.origin}${url.pathname}`;
  if (!/^\/oauth2\/[^/]+\/?$/.test(url.pathname))
    return (
      'This is the org authorization server: only Okta can verify its access tokens. ' +
      `Use a custom authorization server, for example ${url.origin}/oauth2/default`
    );
  if (issuer.endsWith('/'))
    return `It ends in a slash, which the iss claim does not. Use ${issuer.slice(0, -1)}`;
  return insecureRemedy(url, issuer);
}

function clientIdRemedy(clientId: string): string | null {
  if (clientId === '') return 'It is empty. Use the client ID of your single-page application.';
  if (/[{}]/.test(clientId))
    return 'It contains a placeholder. Use the client ID of your single-page application.';
  if (/\s/.test(clientId))
    return 'It contains a space. Copy the client ID again, and nothing else.';
  return null;
}

function apiUrlRemedy(apiUrl: string): string | null {
  if (apiUrl === '') return `It is empty. Use the address of the API, for example ${LOCAL.apiUrl}`;
  const url = httpUrl(apiUrl);
  if (url === null || url.search + url.hash !== '')
    return `It is not a plain URL. Use a full one, for example ${LOCAL.apiUrl}`;
  return insecureRemedy(url, apiUrl);
}

/** Whether the server at `url` runs on this device, as the local Okta does. */
export function isLocal(url: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}

// Tokens would cross the network unencrypted.
function insecureRemedy(url: URL, value: string): string | null {
  if (url.protocol === 'https:' || isLocal(value)) return null;
  return `It uses http. Use https: ${value.replace('http:', 'https:')}`;
}

function httpUrl(value: string): URL | null {
  if (/\s/.test(value) || !URL.canParse(value)) return null;
  const url = new URL(value);
  return ['http:', 'https:'].includes(url.protocol) ? url : null;
}
