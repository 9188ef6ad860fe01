import { useTokens } from '../session/context';
import { tokenChecks } from '../token/checks';
import { Expiry } from '../token/Expiry';
import { decode, text, type Decoded } from '../token/jwt';
import { Page } from '../ui/Page';

// What the rest of the claims means to this API.
const MEANINGS: Record<string, string> = {
  scp: 'scopes: what the client may do; a route can require one',
  scope: 'scopes: what the client may do; a route can require one',
  groups: 'groups of the person; a route can require one',
  acr: 'how strong the sign-in was; a route can require a second factor',
  auth_time: 'when the sign-in was; a route can require a recent one',
  act: 'who acts for the subject (RFC 8693)',
  cnf: 'the key this token is bound to (RFC 9449)',
  uid: 'user ID in Okta; for display',
  jti: 'ID of this token; Okta needs it to revoke it',
  ver: 'version of Okta’s token format',
  iat: 'when the token was issued; must not be in the future',
  client_id: 'the client (RFC 9068)',
};

const TIMES = ['exp', 'iat', 'nbf', 'auth_time'];

/** The claims of the access token, each with the rule that it meets. The token is not shown. */
export function TokenPage() {
  const { accessToken } = useTokens();
  const token = decode(accessToken.accessToken);

  return (
    <Page title="Your access token">
      <p className="lead">
        The API verifies the header, signature and claims on every request. This page shows them,
        never the token itself.
      </p>
      {token === null ? (
        <p>The token is not a JWT: this API accepts only JWTs.</p>
      ) : (
        <>
          <section className="card">
            <h2>Time left</h2>
            <Expiry token={accessToken} />
          </section>
          <Special claims={token.claims} />
          <Values caption="Header" values={token.header} token={token} />
          <Values caption="Claims" values={token.claims} token={token} />
        </>
      )}
    </Page>
  );
}

function Special({ claims }: { claims: Decoded['claims'] }) {
  const actor = claims.act as { sub?: unknown } | undefined;
  const confirmation = claims.cnf as { jkt?: unknown } | undefined;
  return (
    <section className="card">
      <h2>Who uses it</h2>
      <dl>
        <dt>Subject</dt>
        <dd>{text(claims.sub)}</dd>
        <dt>Actor</dt>
        <dd>{actor ? text(actor.sub) : 'none: the subject acts directly'}</dd>
        <dt>DPoP key thumbprint</dt>
        <dd>
          {confirmation ? (
            <code>{text(confirmation.jkt)}</code>
          ) : (
            'none: this is a bearer token, which anyone who has it can use'
          )}
        </dd>
      </dl>
    </section>
  );
}

function Values({
  caption,
  values,
  token,
}: {
  caption: string;
  values: Record<string, unknown>;
  token: Decoded;
}) {
  const rules = new Map(tokenChecks(token).map(({ name, rule }) => [name, rule]));
  return (
    <table className="card claims">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Value</th>
          <th scope="col">Rule</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(values).map(([name, value]) => (
          <tr key={name}>
            <th scope="row">
              <code>{name}</code>
            </th>
            <td>
              <code>{readable(name, value)}</code>
            </td>
            <td>
              <small>{rules.get(name) ?? MEANINGS[name] ?? 'not checked'}</small>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function readable(name: string, value: unknown): string {
  if (!TIMES.includes(name) || typeof value !== 'number') return text(value);
  return `${value} (${new Date(value * 1000).toLocaleString()})`;
}
