import type { ReactNode } from 'react';
import { text, type Decoded } from '../token/jwt';
import { withTime } from './time';

// What the claims of an access token mean to this API.
const ACCESS_TOKEN: Record<string, string> = {
  alg: 'how it is signed: RS256 alone is accepted',
  kid: 'which key signed it',
  typ: 'what kind of token it is',
  iss: 'who issued it: must be OKTA_ISSUER',
  aud: 'which API it is for: must contain OKTA_AUDIENCE',
  cid: 'which app got it: must be one of OKTA_CLIENT_ID',
  client_id: 'which app got it (RFC 9068): must be one of OKTA_CLIENT_ID',
  sub: 'the login, which can change hands',
  uid: 'the user’s id in Okta, which never changes',
  scp: 'what the app may do; a route can require a scope',
  scope: 'what the app may do; a route can require a scope',
  groups: 'which groups the person is in; a route can require one',
  acr: 'how strong the sign-in was; a route can require a second factor',
  auth_time: 'when the person signed in; a route can require a recent sign-in',
  act: 'who acts for the subject (RFC 8693)',
  cnf: 'which key it is bound to (RFC 9449)',
  exp: 'when it ends: must be in the future',
  iat: 'when it was issued: must not be in the future',
  nbf: 'from when it is valid: must not be in the future',
  jti: 'which token this is; Okta needs it to revoke it',
  ver: 'which version of Okta’s format it has',
};

// What those of an ID token mean to the app; an API has no use for them.
const ID_TOKEN: Record<string, string> = {
  ...ACCESS_TOKEN,
  iss: 'who issued it',
  aud: 'which app it is for: this one',
  sub: 'the user’s id in Okta, which never changes',
  nonce: 'which sign-in it is from: the app sent it along',
  amr: 'how the person proved who they are',
  at_hash: 'which access token came with it',
  jti: 'which token this is',
};

/** Header and claims of a token with what each means. The token itself is not shown. */
export function Claims({ token }: { token: Decoded }) {
  const isIdToken = ['nonce', 'at_hash', 'amr'].some((name) => name in token.claims);
  const meanings = isIdToken ? ID_TOKEN : ACCESS_TOKEN;
  const other = isIdToken ? 'for the app to show' : 'not checked';
  const meaningOf = (name: string) => meanings[name] ?? other;
  return (
    <div className="grid gap-3">
      <Values caption="Header" values={token.header} meaningOf={meaningOf} />
      <Values caption="Claims" values={token.claims} meaningOf={meaningOf} />
      <p className="text-sm text-soft">
        The third part is the signature: it proves that Okta wrote the first two.
      </p>
    </div>
  );
}

interface ValuesProps {
  caption: string;
  values: Record<string, unknown>;
  meaningOf: (name: string) => string;
}

function Values({ caption, values, meaningOf }: ValuesProps) {
  return (
    <table className="w-full table-fixed overflow-hidden rounded-lg bg-sunken text-sm max-sm:block">
      <caption className="py-1 text-left font-semibold">{caption}</caption>
      <tbody>
        {Object.entries(values).map(([name, value]) => (
          <tr
            key={name}
            className="border-line not-first:border-t max-sm:block max-sm:px-3 max-sm:py-1.5"
          >
            <th
              scope="row"
              className="w-44 px-3 py-1.5 text-left align-top font-normal max-sm:block max-sm:w-auto max-sm:p-0"
            >
              <code className="code font-semibold">{name}</code>
            </th>
            <Cell>
              <code className="code">{withTime(name, text(value))}</code>
            </Cell>
            <Cell>
              <span className="text-soft">{meaningOf(name)}</span>
            </Cell>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ children }: { children: ReactNode }) {
  return <td className="px-3 py-1.5 align-top max-sm:block max-sm:p-0">{children}</td>;
}
