import type { AccessToken, IDToken } from '@okta/okta-auth-js';
import { TokenEnd } from './TokenEnd';

/** Who is signed in and what the access token allows; for display, the API decides. */
export function Identity({ accessToken, idToken }: { accessToken: AccessToken; idToken: IDToken }) {
  const { name, email } = idToken.claims;
  const groups = accessToken.claims?.groups;

  return (
    <section className="card" aria-labelledby="identity">
      <h2 id="identity">Who you are</h2>
      <dl>
        <dt>Name</dt>
        <dd>{name ?? 'not told by Okta'}</dd>
        <dt>E-mail</dt>
        <dd>{email ?? 'not told by Okta'}</dd>
        <dt>Scopes</dt>
        <dd>
          <Tags items={accessToken.scopes} />
        </dd>
        <dt>Groups</dt>
        <dd>
          {Array.isArray(groups) ? (
            <Tags items={groups.map(String)} />
          ) : (
            'the access token has no groups claim'
          )}
        </dd>
        <dt>Access token</dt>
        <dd>
          <TokenEnd expiresAt={accessToken.expiresAt} />
        </dd>
      </dl>
    </section>
  );
}

function Tags({ items }: { items: string[] }) {
  if (items.length === 0) return 'none';
  return (
    <ul className="tags">
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}
