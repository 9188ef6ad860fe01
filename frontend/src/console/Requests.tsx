import { useState } from 'react';
import { useSearchParams } from 'react-router';
import type { Action } from '../api/advice';
import { useSession, useTokens } from '../session/context';
import { decode } from '../token/jwt';
import { Alert } from '../ui/Alert';
import { Page } from '../ui/Page';
import { BrokenNote } from './BreakMenu';
import { credentialNamed } from './credentials';
import { Eight } from './Eight';
import type { Exchange } from './exchange';
import { History } from './History';
import { findRoute, METHODS, type ApiRoute } from './openapi';
import { Result } from './Result';
import { RouteList } from './RouteList';
import { SendForm, type Form } from './SendForm';
import { useConsole } from './state';

/** A form for a request, the routes to choose from, and the response with every check. */
export function Requests({ routes, failed }: { routes: ApiRoute[]; failed: boolean }) {
  const session = useSession();
  const { history, run, pasted } = useConsole();
  const { accessToken } = useTokens();
  const [form, fill] = useForm(routes);
  const [shown, setShown] = useState<number | null>(null);
  const exchange = history.find(({ id }) => id === shown) ?? history[0] ?? null;
  const token = form.credential === 'pasted' ? pasted : accessToken.accessToken;

  const sendForm = () => {
    setShown(null);
    run({ ...form, repeated: false });
  };

  const act = (last: Exchange, action: Action) => {
    setShown(null);
    const { method, path, body } = last;
    if (action.kind === 'retry') run({ ...last, repeated: false });
    else
      void session.signIn({
        returnTo: `/console?${new URLSearchParams({ method, path })}`,
        repeat: { method, path, ...(body !== null && { body }) },
        ...action.request,
      });
  };

  return (
    <Page title="Console" heading="hidden">
      <BrokenNote />
      <SendForm form={form} fill={fill} onSend={sendForm} />
      <div className="mt-4 grid items-start gap-6 lg:grid-cols-[20rem_minmax(0,1fr)]">
        <div className="order-2 grid gap-6 lg:order-1">
          {failed ? (
            <Alert
              title="The routes are not known"
              text="The API’s /openapi.json did not load. You can still enter a path above."
              tone="info"
            />
          ) : (
            <RouteList
              routes={routes}
              form={
                form.credential === 'pasted' && !pasted ? { ...form, credential: 'none' } : form
              }
              claims={decode(token)?.claims ?? null}
              onChoose={fill}
            />
          )}
          <History history={history} shown={exchange?.id ?? null} onShow={setShown} />
        </div>
        <div className="order-1 grid gap-6 lg:order-2">
          <Result
            exchange={exchange}
            route={exchange && findRoute(routes, exchange.method, exchange.path)}
            onAction={act}
          />
          <Eight history={history} onChoose={fill} />
        </div>
      </div>
    </Page>
  );
}

/** The form. Its method, path and credential are in the address too: it can be shared, and sends nothing. */
function useForm(routes: ApiRoute[]): [Form, (change: Partial<Form>) => void] {
  const [query, setQuery] = useSearchParams();
  const [form, setForm] = useState(() => readForm(query));
  const [bodies, setBodies] = useState<Record<string, string>>({});
  const { method, path } = form;
  const route = findRoute(routes, method, path);
  const key = `${method} ${route?.path ?? path}`;

  const fill = ({ body, ...change }: Partial<Form>) => {
    const next = { ...form, ...change };
    setForm(next);
    setQuery({ method: next.method, path: next.path, as: next.credential }, { replace: true });
    if (typeof body === 'string') setBodies((before) => ({ ...before, [key]: body }));
  };
  return [{ ...form, body: bodies[key] ?? route?.body ?? null }, fill];
}

function readForm(query: URLSearchParams): Omit<Form, 'body'> {
  const method = query.get('method') ?? 'GET';
  return {
    method: METHODS.includes(method) ? method : 'GET',
    path: query.get('path') ?? '/me',
    credential: credentialNamed(query.get('as')),
  };
}
