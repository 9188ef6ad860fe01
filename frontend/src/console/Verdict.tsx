import { adviceOn } from '../api/advice';
import type { Outcome } from '../api/outcome';
import type { Check } from '../api/refusal';
import { useSession } from '../session/context';
import { Alert } from '../ui/Alert';
import { Loading } from '../ui/Loading';
import { Pipeline } from './Pipeline';

/** What the API says of a token. */
export interface Judgement {
  outcome: Outcome | null;
  checks: Check[] | null;
}

/** Whether this API accepts a token, and if not, why. */
export function Verdict({ judgement }: { judgement: Judgement | null }) {
  const { config } = useSession();
  if (judgement?.outcome == null) return <Loading text="Asking the API…" />;
  const { outcome, checks } = judgement;
  const isAccepted = outcome.kind === 'received' && outcome.status < 300;
  // Without a response, or with an API that cannot verify now, the token is neither accepted nor refused.
  const isRefused = outcome.kind === 'received' && outcome.status < 500;
  const { title, text } = adviceOn(outcome, config);
  return (
    <section aria-label="Verdict">
      {isAccepted ? (
        <Alert tone="good" title="This API accepts the token" text="GET /me responds 200." />
      ) : (
        <Alert
          title={isRefused ? `This API refuses the token: ${lower(title)}` : title}
          text={text}
        />
      )}
      {checks && <Pipeline checks={checks} accepted={isAccepted} />}
    </section>
  );
}

function lower(title: string): string {
  return /^[A-Z]{2}/.test(title) ? title : title.charAt(0).toLowerCase() + title.slice(1);
}
