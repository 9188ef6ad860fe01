import { useEffect, useRef, useState } from 'react';
import { useSession } from '../session/context';
import { whyUnreachable } from '../session/probe';

export const EXPIRED = 3000;

interface Line {
  from: 'you' | 'API' | 'app';
  text: string;
}

/** A WebSocket of the API: its state, what was said, and how to connect and to send. */
export function useSocket() {
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
      void closeText(code, reason, session.config.apiUrl).then((text) => {
        add('app', text);
      });
    };
  };

  const send = (text: string) => {
    socket.current?.send(text);
    add('you', text);
  };

  return { state, lines, connect, send };
}

/** Explain why a connection was closed; of one that never opened, the browser says nothing. */
export async function closeText(code: number, reason: string, apiUrl: string): Promise<string> {
  if (code === EXPIRED)
    return `Closed by the API with code ${code}: ${reason || 'token has expired'}. Connect again to use the renewed token.`;
  if (code !== 1006) return `Closed with code ${code}${reason && `: ${reason}`}.`;
  switch (await whyUnreachable(`${apiUrl}/healthz`)) {
    case 'offline':
      return 'You are offline. Check your network connection, then connect again.';
    case 'unreachable':
      return `The API cannot be reached: no response from ${apiUrl}.`;
    case 'blocked':
      return 'The API refused the connection. Send GET /me in the console to see what it says of your token.';
  }
}
