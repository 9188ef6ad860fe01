/** Where to sign in, as whom, and which API to call. */
export interface Config {
  issuer: string;
  clientId: string;
  apiUrl: string;
  /** Whether to sign in with DPoP (RFC 9449), which the app in Okta and the API must allow. */
  dpop: boolean;
  /** Whether the console is part of the app. */
  console: boolean;
  /** After how many minutes without activity a person is signed out; 0 for never. */
  idleMinutes: number;
}

/** An invalid setting: its name at run time and in the build, its value, and what to put there. */
export interface Fault {
  name: 'issuer' | 'clientId' | 'apiUrl' | 'idleMinutes';
  variable: string;
  value: string;
  remedy: string;
}

export interface Env {
  DEV?: boolean;
  VITE_OKTA_ISSUER?: string;
  VITE_OKTA_CLIENT_ID?: string;
  VITE_API_URL?: string;
  VITE_DPOP?: string;
  VITE_CONSOLE?: string;
  VITE_IDLE_MINUTES?: string;
}

export const VARIABLES: Record<Fault['name'], string> = {
  issuer: 'VITE_OKTA_ISSUER',
  clientId: 'VITE_OKTA_CLIENT_ID',
  apiUrl: 'VITE_API_URL',
  idleMinutes: 'VITE_IDLE_MINUTES',
};

const LOCAL = {
  issuer: 'http://localhost:9000/oauth2/default',
  clientId: '0oalocalspa',
  apiUrl: 'http://localhost:8000',
};

/** Where the app is: its origin, and the path of `npm run build -- --base=/path/`. */
export const HOME = (window.location.origin + import.meta.env.BASE_URL).replace(/\/$/, '');

const ISSUER_EXAMPLE = 'https://dev-123456.okta.com/oauth2/default';

/** Choose each setting: from run time, else from the build, else that of the local Okta. */
export function chooseConfig(runtime: Partial<Config>, env: Env): Config {
  return {
    issuer: runtime.issuer ?? env.VITE_OKTA_ISSUER ?? LOCAL.issuer,
    clientId: runtime.clientId ?? env.VITE_OKTA_CLIENT_ID ?? LOCAL.clientId,
    apiUrl: (runtime.apiUrl ?? env.VITE_API_URL ?? LOCAL.apiUrl).replace(/\/$/, ''),
    dpop: runtime.dpop ?? env.VITE_DPOP === 'true',
    console: runtime.console ?? (env.VITE_CONSOLE ?? String(env.DEV)) === 'true',
    idleMinutes: runtime.idleMinutes ?? Number(env.VITE_IDLE_MINUTES ?? 0),
  };
}

/** List every fault of a configuration; none if it is valid. */
export function findFaults(config: Config): Fault[] {
  const { issuer, clientId, apiUrl, idleMinutes } = config;
  const checked: [Fault['name'], string, string | null][] = [
    ['issuer', issuer, issuerRemedy(issuer)],
    ['clientId', clientId, clientIdRemedy(clientId)],
    ['apiUrl', apiUrl, apiUrlRemedy(apiUrl)],
    ['idleMinutes', String(idleMinutes), idleRemedy(idleMinutes)],
  ];
  return checked.flatMap(([name, value, remedy]) =>
    remedy ? [{ name, variable: VARIABLES[name], value, remedy }] : [],
  );
}

function issuerRemedy(issuer: string): string | null {
  if (issuer === '') return `It is empty. Use your issuer, for example ${ISSUER_EXAMPLE}`;
  if (/[{}]/.test(issuer))
    return `It contains a placeholder. Use your own domain, for example ${ISSUER_EXAMPLE}`;
  const url = httpUrl(issuer);
  if (url === null) return `It is not a URL. Use a full one, for example ${ISSUER_EXAMPLE}`;
  if (/-admin\.okta(preview)?\.com$/.test(url.hostname))
    return `This is the admin console's address. Use ${corrected(url)}`;
  if (!/^\/oauth2\/[^/]+\/?$/.test(url.pathname))
    return (
      'This is the org authorization server: only Okta can verify its access tokens. ' +
      `Use a custom authorization server, for example ${corrected(url)}`
    );
  if (url.search + url.hash !== '')
    return `It contains a query or a fragment. Use ${corrected(url)}`;
  if (issuer.endsWith('/'))
    return `It ends in a slash, which the iss claim does not. Use ${corrected(url)}`;
  return insecureRemedy(url, issuer);
}

/** Correct every fault of an issuer at once, so that the next load finds none. */
function corrected({ protocol, host, hostname, pathname }: URL): string {
  const scheme = isLocalHost(hostname) ? protocol : 'https:';
  const name = host.replace(/-admin(?=\.okta(preview)?\.com)/, '');
  const server = /^\/oauth2\/([^/]+)/.exec(pathname)?.[1] ?? 'default';
  return `${scheme}//${name}/oauth2/${server}`;
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

function idleRemedy(minutes: number): string | null {
  if (Number.isFinite(minutes) && (minutes === 0 || (minutes >= 2 && minutes <= 1440))) return null;
  return 'Use 2 to 1440 minutes, or 0 to sign nobody out.';
}

/** Whether the server at `url` runs on this device, as the local Okta does. */
export function isLocal(url: string): boolean {
  return isLocalHost(new URL(url).hostname);
}

function isLocalHost(hostname: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
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
