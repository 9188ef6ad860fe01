import { lazy, Suspense } from 'react';
import { useSessionState } from '../session/context';
import { Loading } from '../ui/Loading';
import { Landing } from './Landing';

const Console = lazy(async () => ({ default: (await import('../console/Console')).Console }));

/** The console when signed in, else the landing page. */
export function Home() {
  const { signedIn, notice } = useSessionState();
  if (signedIn === null && notice === null) return <Loading text="Checking your session…" />;
  if (!signedIn) return <Landing />;
  return (
    <Suspense fallback={<Loading text="Loading…" />}>
      <Console />
    </Suspense>
  );
}
