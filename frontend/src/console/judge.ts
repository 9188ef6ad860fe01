import { send, type Means } from './exchange';
import type { Judgement } from './Verdict';

/** Ask the API what it thinks of a token, by a route that any valid token may call. */
export async function judge(token: string, means: Means): Promise<Judgement> {
  const { outcome, checks } = await send(
    { method: 'GET', path: '/me', body: null, credential: 'pasted', repeated: false },
    { ...means, pasted: token },
  );
  return { outcome, checks };
}
