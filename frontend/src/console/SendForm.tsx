import { Link } from 'react-router';
import { isLocal } from '../config';
import { useSession, useTokens } from '../session/context';
import { Button } from '../ui/Button';
import { INPUT } from '../ui/Field';
import { BreakMenu } from './BreakMenu';
import { CREDENTIALS, credentialNamed, type Credential } from './credentials';
import { Expiry } from './Expiry';
import { METHODS } from './openapi';
import { useConsole } from './state';

export interface Form {
  method: string;
  path: string;
  body: string | null;
  credential: Credential;
}

interface Props {
  form: Form;
  fill: (change: Partial<Form>) => void;
  onSend: () => void;
}

// These need a clock that can be set, or an authorization server that binds tokens to keys.
const LOCAL_ONLY: Credential[] = ['expired', 'replayed', 'unproved'];

/** What to send, and the button that sends it. */
export function SendForm({ form, fill, onSend }: Props) {
  const { config } = useSession();
  const { accessToken, idToken } = useTokens();
  const { pasted } = useConsole();
  const isOktaLocal = isLocal(config.issuer);
  const me = idToken.claims.name?.split(' ')[0] ?? 'you';
  const names = (Object.keys(CREDENTIALS) as Credential[]).filter(
    (name) => isOktaLocal || !LOCAL_ONLY.includes(name),
  );

  return (
    <form
      className="card grid gap-3 p-3"
      aria-label="Request"
      onSubmit={(event) => {
        event.preventDefault();
        onSend();
      }}
    >
      <div className="flex flex-wrap gap-2">
        <Select
          label="Send as"
          isLabelShown
          value={form.credential}
          onChange={(value) => {
            fill({ credential: credentialNamed(value) });
          }}
          options={names.map((name) => [
            name,
            name === 'own' ? `me (${me})` : CREDENTIALS[name].label,
          ])}
        />
        <Select
          label="Method"
          value={form.method}
          onChange={(method) => {
            fill({ method });
          }}
          options={METHODS.map((method) => [method, method])}
        />
        <input
          className={`${INPUT} min-w-40 flex-1 font-mono text-sm`}
          aria-label="Path"
          value={form.path}
          required
          pattern="\/.*"
          title="A path of the API, such as /me"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            fill({ path: event.target.value });
          }}
        />
        <Button kind="primary" type="submit" disabled={form.credential === 'pasted' && !pasted}>
          Send
        </Button>
        {isOktaLocal && <BreakMenu />}
      </div>
      {form.body !== null && (
        <textarea
          className={`${INPUT} field-sizing-content min-h-24 font-mono text-sm`}
          aria-label="Body"
          value={form.body}
          spellCheck={false}
          onChange={(event) => {
            fill({ body: event.target.value });
          }}
        />
      )}
      <p className="flex flex-wrap gap-x-3 text-sm text-soft">
        {form.credential === 'own' ? (
          <Expiry token={accessToken} />
        ) : form.credential === 'pasted' && !pasted ? (
          <span>
            No token is here yet.{' '}
            <Link className="link" to="/console/tokens">
              Paste one
            </Link>{' '}
            first.
          </span>
        ) : (
          CREDENTIALS[form.credential].text
        )}
      </p>
    </form>
  );
}

interface SelectProps {
  label: string;
  isLabelShown?: boolean;
  value: string;
  options: (readonly [value: string, text: string])[];
  onChange: (value: string) => void;
}

function Select({ label, isLabelShown = false, value, options, onChange }: SelectProps) {
  return (
    <label className="relative flex items-center gap-2">
      <span className={isLabelShown ? 'text-sm whitespace-nowrap text-soft' : 'sr-only'}>
        {label}
      </span>
      <select
        className={`${INPUT} cursor-pointer font-semibold`}
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      >
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
