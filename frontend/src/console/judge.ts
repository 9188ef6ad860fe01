import { askChecks, send, type Means } from './exchange';
import type { Judgement } from './Verdict';

const CALL = {
  method: 'GET',
  path: '/me',
  body: null,
  credential: 'pasted',
  repeated: false,
} as const;

/** Ask the API what it thinks of a token, by a route that any valid token may call. */
export async function judge(token: string, means: Means): Promise<Judgement> {
  const { outcome, checks } = await send(CALL, { ...means, pasted: token });
  return { outcome, checks: checks ?? (means.explains ? await askChecks(CALL, means) : null) };
}
