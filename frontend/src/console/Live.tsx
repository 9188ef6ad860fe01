import { useState } from 'react';
import { useTokens } from '../session/context';
import { Button } from '../ui/Button';
import { INPUT } from '../ui/Field';
import { Page } from '../ui/Page';
import { Expiry } from './Expiry';
import { EXPIRED, useSocket } from './useSocket';

/** A WebSocket that stays open until its token expires. */
export function Live() {
  const { accessToken } = useTokens();
  const { state, lines, connect, send } = useSocket();
  const [name, setName] = useState('world');

  return (
    <Page title="Live connection">
      <p className="mb-4 max-w-prose text-soft">
        A browser cannot set headers for a WebSocket, so the token goes in the subprotocols{' '}
        <code className="code">["bearer", token]</code>. The API closes the connection with code{' '}
        {EXPIRED} when the token expires.
      </p>
      {accessToken.tokenType === 'DPoP' && (
        <p className="mb-4">
          Your token is bound to a key (DPoP), and a browser cannot send the proof of that key with
          a WebSocket: the API refuses the connection.
        </p>
      )}
      <section
        className="card grid max-w-3xl justify-items-start gap-4 p-5"
        aria-label="Connection"
      >
        <p role="status">
          <span
            className={`inline-block size-2.5 rounded-full border ${state === 'open' ? 'border-accent bg-accent' : 'border-edge'}`}
            aria-hidden="true"
          />{' '}
          {state === 'open'
            ? 'Connected'
            : state === 'connecting'
              ? 'Connecting…'
              : 'Not connected'}
        </p>
        <p className="text-sm text-soft">
          <Expiry token={accessToken} />
        </p>
        {state === 'closed' && (
          <Button kind="primary" onClick={() => void connect()}>
            Connect
          </Button>
        )}
        <form
          className="flex flex-wrap items-center gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            send(name);
          }}
        >
          <label htmlFor="name">Name</label>
          <input
            className={`${INPUT} w-48!`}
            id="name"
            value={name}
            required
            maxLength={60}
            autoComplete="off"
            onChange={(event) => {
              setName(event.target.value);
            }}
          />
          <Button type="submit" disabled={state !== 'open'}>
            Send
          </Button>
        </form>
        <ol className="grid gap-1" aria-label="Messages" aria-live="polite">
          {lines.map(({ from, text }, index) => (
            <li key={index}>
              <small className="text-soft">{from}</small> {text}
            </li>
          ))}
        </ol>
      </section>
    </Page>
  );
}
