import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { useSession } from '../session/context';
import { decode } from '../token/jwt';
import { buttonClass } from '../ui/Button';
import { INPUT } from '../ui/Field';
import { Page } from '../ui/Page';
import { Claims } from './Claims';
import { Verdict, type Judgement } from './Verdict';
import { judge } from './judge';
import { useConsole } from './state';

/** Decodes any token, and says why this API would refuse it. It stays in this page's memory. */
export function Tokens() {
  const { pasted, paste } = useConsole();
  const judgement = useJudgement(pasted);
  const decoded = decode(pasted);

  return (
    <Page title="Paste a token">
      <p className="mb-4 max-w-prose text-soft">
        See what is in a token of your own org, and why this API would refuse it. The token goes to
        this API alone. It is not stored, not in the address, and gone after a reload.
      </p>
      <label className="mb-1 block text-sm font-semibold" htmlFor="token">
        Token
      </label>
      <textarea
        id="token"
        className={`${INPUT} min-h-32 font-mono text-sm break-all`}
        value={pasted}
        autoComplete="off"
        spellCheck={false}
        placeholder="eyJraWQiOi…"
        onChange={(event) => {
          // What is copied along, from a header, a terminal or an email, is no part of a token.
          paste(event.target.value.replace(/^\s*bearer\s|[^\x21-\x7e]/gi, ''));
        }}
      />
      {pasted !== '' && (
        <div className="mt-5 grid gap-5">
          <Verdict judgement={judgement} />
          {decoded ? (
            <section className="card p-4 sm:p-5" aria-label="Decoded">
              <Claims token={decoded} />
            </section>
          ) : (
            <p className="text-soft">It cannot be decoded: it is not a JWT.</p>
          )}
          <p>
            <Link className={buttonClass()} to="/console?method=GET&path=/me&as=pasted">
              Send requests with it
            </Link>
          </p>
        </div>
      )}
    </Page>
  );
}

/** Ask the API about a token; null while it is being asked. */
function useJudgement(token: string): Judgement | null {
  const session = useSession();
  const { explainer } = useConsole();
  const [judged, setJudged] = useState<{ token: string; judgement: Judgement } | null>(null);

  useEffect(() => {
    if (token === '') return;
    const controller = new AbortController();
    const { signal } = controller;
    judge(token, { session, pasted: token, explainer, signal }).then(
      (judgement) => {
        setJudged({ token, judgement });
      },
      () => undefined, // aborted
    );
    return () => {
      controller.abort();
    };
  }, [token, explainer, session]);

  return judged?.token === token ? judged.judgement : null;
}
