import { useState } from 'react';
import type { Action } from '../api/advice';
import { useSession, useTokens } from '../session/context';
import { Page } from '../ui/Page';
import type { Credential } from './credentials';
import { ResultPane } from './ResultPane';
import { RouteList } from './RouteList';
import { SendWith } from './SendWith';
import { TokenCard } from './TokenCard';
import { useConsole } from './useConsole';
import { useIsWide } from './useIsWide';
import '../styles/console.css';

/** Calls each route of the API and shows every part of the exchange. */
export function Console() {
  const session = useSession();
  const { accessToken, idToken } = useTokens();
  const [credential, setCredential] = useState<Credential>('own');
  const [last, run] = useConsole();
  const [tab, setTab] = useState(0);
  const isWide = useIsWide();

  const act = (action: Action) => {
    if (last === null) return;
    if (action.kind === 'retry') {
      run(last);
      return;
    }
    const repeat = { method: last.route.method, path: last.path };
    void session.signIn({ returnTo: '/', repeat, ...action.request });
  };

  const result = <ResultPane last={last} tab={tab} onTab={setTab} onAction={act} />;
  return (
    <Page title={`Hello, ${idToken.claims.name ?? idToken.claims.sub}`} hidden>
      <div className="console">
        <div className="stack">
          <RouteList
            claims={{ ...accessToken.claims }}
            current={last?.route}
            onCall={(route, path) => {
              run({ route, path, credential, repeated: false });
            }}
          >
            {!isWide && result}
          </RouteList>
          <SendWith credential={credential} onChange={setCredential} />
          <TokenCard accessToken={accessToken} />
        </div>
        {isWide && result}
      </div>
    </Page>
  );
}
