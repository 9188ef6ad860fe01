import { useEffect, useRef, useState } from 'react';
import { useSession, useTokens } from '../session/context';
import { Expiry } from '../token/Expiry';
import { Page } from '../ui/Page';

const EXPIRED = 3000;

interface Line {
  from: 'you' | 'API' | 'app';
  text: string;
}

/** A WebSocket that stays open until its token expires. */
export function Live() {
  const { accessToken } = useTokens();
  const { state, lines, connect, send } = useSocket();
  const [name, setName] = useState('world');

  return (
    <Page title="Live connection">
      <p className="lead">
        A browser cannot set headers for a WebSocket, so the token goes in the subprotocols{' '}
        <code>["bearer", token]</code>. The API closes the connection with code {EXPIRED} when the
        token expires.
      </p>
      {accessToken.tokenType === 'DPoP' && (
        <p>
          Your token is bound to a key (DPoP), and a browser cannot send the proof of that key with
          a WebSocket: the API refuses the connection.
        </p>
      )}
      <section className="card stack" aria-label="Connection">
        <p role="status">
          <span className={state === 'open' ? 'dot up' : 'dot'} aria-hidden="true" />{' '}
          {state === 'open'
            ? 'Connected'
            : state === 'connecting'
              ? 'Connecting…'
              : 'Not connected'}
        </p>
        <Expiry token={accessToken} />
        {state === 'closed' && (
          <p>
            <button type="button" className="primary" onClick={() => void connect()}>
              Connect
            </button>
          </p>
        )}
        <form
          className="line"
          onSubmit={(event) => {
            event.preventDefault();
            send(name);
          }}
        >
          <label htmlFor="name">Name</label>
          <input
            id="name"
            value={name}
            required
            maxLength={60}
            autoComplete="off"
            onChange={(event) => {
              setName(event.target.value);
            }}
          />
          <button disabled={state !== 'open'}>Send</button>
        </form>
        <ol className="log" aria-label="Messages" aria-live="polite">
          {lines.map(({ from, text }, index) => (
            <li key={index}>
              <small>{from}</small> {text}
            </li>
          ))}
        </ol>
      </section>
    </Page>
  );
}

function useSocket() {
  const session = useSession();
  const socket = useRef<WebSocket>(null);
  const [state, setState] = useState<'closed' | 'connecting' | 'open'>('closed');
  const [lines, setLines] = useState<Line[]>([]);
  const add = (from: Line['from'], text: string) => {
    setLines((before) => [...before, { from, text }]);
  };

  useEffect(
    () => () => {
      socket.current?.close();
    },
    [],
  );

  const connect = async () => {
    setState('connecting');
    const token = await session.accessToken();
    if (token === null) {
      setState('closed');
      return;
    }
    const url = session.config.apiUrl.replace(/^http/, 'ws') + '/ws/hello';
    const opened = (socket.current = new WebSocket(url, ['bearer', token]));
    opened.onopen = () => {
      setState('open');
      add('app', 'Connected.');
    };
    opened.onmessage = ({ data }) => {
      add('API', String(data));
    };
    opened.onclose = ({ code, reason }) => {
      setState('closed');
      add('app', closeText(code, reason));
    };
  };

  const send = (text: string) => {
    socket.current?.send(text);
    add('you', text);
  };

  return { state, lines, connect, send };
}

/** Explain why a connection was closed. */
export function closeText(code: number, reason: string): string {
  if (code === EXPIRED)
    return `Closed by the API with code ${code}: ${reason || 'token has expired'}. Connect again to use the renewed token.`;
  if (code === 1006)
    return 'The API refused the connection, or cannot be reached (code 1006). The console shows how it responds to your token.';
  return `Closed with code ${code}${reason && `: ${reason}`}.`;
}
