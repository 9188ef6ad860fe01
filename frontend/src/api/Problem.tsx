import { useLocation } from 'react-router';
import { useSession } from '../session/context';
import type { PendingCall } from '../session/storage';
import { Alert } from '../ui/Alert';
import { Button } from '../ui/Button';
import { adviceOn, labelOf, stillRefused } from './advice';
import { ApiError } from './client';

interface Props {
  /** What a query or a mutation threw. */
  error: Error;
  /** The request that failed: a sign-in that may help repeats it. */
  call: PendingCall;
  /** Whether such a sign-in is behind this request. */
  repeated?: boolean;
  onRetry: () => void;
}

/** Why a request to the API failed, and a button if one can help. */
export function Problem({ error, call, repeated = false, onRetry }: Props) {
  const session = useSession();
  const { pathname } = useLocation();
  if (!(error instanceof ApiError)) throw error;
  const advice = adviceOn(error.outcome, session.config);
  const { title, text, action } = repeated ? stillRefused(advice) : advice;
  return (
    <Alert title={title} text={text}>
      {action && (
        <Button
          kind="primary"
          onClick={() => {
            if (action.kind === 'retry') onRetry();
            else void session.signIn({ returnTo: pathname, repeat: call, ...action.request });
          }}
        >
          {labelOf(action)}
        </Button>
      )}
    </Alert>
  );
}
