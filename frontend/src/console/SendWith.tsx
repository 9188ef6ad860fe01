import { isLocal } from '../config';
import { useSession, useSessionState, useTokens } from '../session/context';
import { expiryText } from '../token/time';
import { useNow } from '../token/useNow';
import { CREDENTIALS, type Credential } from './credentials';

interface Props {
  credential: Credential;
  onChange: (credential: Credential) => void;
}

/** Chooses the token that the next request carries. */
export function SendWith({ credential, onChange }: Props) {
  const bound = useTokens().accessToken.tokenType === 'DPoP';
  const names = (Object.keys(CREDENTIALS) as Credential[]).filter(
    (name) => bound || name !== 'replayed',
  );
  return (
    <section className="card" aria-labelledby="send-with">
      <h2 id="send-with">Send with</h2>
      <fieldset className="segments" aria-labelledby="send-with">
        {names.map((name) => (
          <label key={name}>
            <input
              type="radio"
              name="credential"
              checked={name === credential}
              onChange={() => {
                onChange(name);
              }}
            />
            {CREDENTIALS[name].label}
          </label>
        ))}
      </fieldset>
      <p>
        <small>
          {credential === 'own'
            ? 'See how the API responds to a token that it must refuse.'
            : CREDENTIALS[credential].text}
        </small>
      </p>
      {credential === 'expired' && <Replaced />}
    </section>
  );
}

function Replaced() {
  const { replaced } = useSessionState();
  const { issuer } = useSession().config;
  const now = useNow();
  return (
    <p>
      <small>
        {replaced
          ? `The replaced token ${expiryText(replaced.expiresAt, now)}.`
          : 'The app has renewed no token yet.'}
        {isLocal(issuer) && (
          <>
            {' '}
            To see one soon, shorten the token lifetime in the{' '}
            <a href={new URL(issuer).origin}>local Okta</a>, then sign in again and wait for a
            renewal.
          </>
        )}
      </small>
    </p>
  );
}
