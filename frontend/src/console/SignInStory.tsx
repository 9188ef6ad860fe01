import { HOME } from '../config';
import { useSession, useTokens } from '../session/context';
import { readLast } from '../session/storage';
import { decode } from '../token/jwt';
import { Page } from '../ui/Page';
import { Claims } from './Claims';

// What each parameter is for.
const PARAMETERS: Record<string, string> = {
  client_id: 'this app, as registered in Okta',
  response_type: 'a code, so that no token is ever in an address',
  redirect_uri: 'where Okta sends the browser back to; it must be registered',
  scope: 'what the app asks for',
  state: 'ties the response to this browser: a forged one is refused',
  nonce: 'ties the ID token to this sign-in',
  code_challenge: 'the hash of a secret that only this tab knows (PKCE)',
  code_challenge_method: 'how it is hashed',
  login_hint: 'who signs in',
  prompt: 'what Okta asks',
  acr_values: 'how strong the sign-in must be',
  max_age: 'how old the sign-in may be, in seconds',
  grant_type: 'what is exchanged for tokens',
  code: 'what Okta sent back',
  code_verifier: 'the secret behind the code challenge',
};

/** The redirect, the code exchange and the tokens behind this session, without a secret. */
export function SignInStory() {
  const { config } = useSession();
  const { accessToken, idToken } = useTokens();
  const url = readLast()?.url;
  const access = decode(accessToken.accessToken);
  const id = decode(idToken.idToken);
  const { origin, pathname } = new URL(config.issuer);

  return (
    <Page title="What happened when you signed in">
      <ol className="grid max-w-5xl gap-6">
        <Part number={1} title="The app sent you to Okta">
          {url ? (
            <Parameters
              title={`GET ${origin}${new URL(url).pathname}`}
              query={new URL(url).searchParams}
            />
          ) : (
            <p className="text-soft">
              You signed in elsewhere, before this tab had its tokens. Sign in again to see the
              redirect.
            </p>
          )}
        </Part>
        <Part number={2} title="Okta checked who you are, and sent a code back">
          <p className="text-soft">
            The code came in the address{' '}
            <code className="code text-ink">{HOME}/login/callback?code=••••&state=…</code>. It works
            once, for a minute, and only with the secret behind the code challenge.
          </p>
        </Part>
        <Part number={3} title="The app exchanged the code for tokens">
          <Parameters
            title={`POST ${origin}${pathname}/v1/token`}
            query={
              new URLSearchParams({
                grant_type: 'authorization_code',
                client_id: config.clientId,
                redirect_uri: `${HOME}/login/callback`,
                code: '••••••••',
                code_verifier: '••••••••',
              })
            }
          />
          <p className="mt-3 text-soft">
            The response had a token of type{' '}
            <code className="code text-ink">{accessToken.tokenType}</code> with the scopes{' '}
            <code className="code text-ink">{accessToken.scopes.join(' ')}</code>.
          </p>
        </Part>
        <Part number={4} title="The access token: for the API">
          {access ? <Claims token={access} /> : <p>It is opaque: this API accepts only JWTs.</p>}
        </Part>
        <Part number={5} title="The ID token: for this app alone">
          {id && <Claims token={id} />}
        </Part>
      </ol>
    </Page>
  );
}

function Part({
  number,
  title,
  children,
}: {
  number: number;
  title: string;
  children: React.ReactNode;
}) {
  return (
    <li className="card min-w-0 p-4 sm:p-5">
      <h2 className="subheading mb-3">
        {number}. {title}
      </h2>
      {children}
    </li>
  );
}

function Parameters({ title, query }: { title: string; query: URLSearchParams }) {
  return (
    <>
      <p className="mb-2">
        <code className="code">{title}</code>
      </p>
      <dl className="grid gap-x-4 gap-y-1 rounded-lg bg-sunken p-3 text-sm sm:grid-cols-[11rem_minmax(0,1fr)]">
        {[...query].map(([name, value]) => (
          <div key={name} className="contents">
            <dt>
              <code className="code font-semibold">{name}</code>
            </dt>
            <dd className="max-sm:mb-2">
              <code className="code">{value}</code>
              {PARAMETERS[name] && <small className="block text-soft">{PARAMETERS[name]}</small>}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
