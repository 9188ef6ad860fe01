import type { Check } from '../api/refusal';
import { isLocal } from '../config';

/** Asks the API which checks the token of a request passes; null where it does not say. */
export type Explainer = (
  route: { method: string; path: string },
  send: (request: Request) => Promise<Response | null>,
) => Promise<Check[] | null>;

/** Create an explainer. An API explains itself only on this device; one that does not is asked once. */
export function createExplainer(apiUrl: string): Explainer {
  let explains = isLocal(apiUrl);

  return async ({ method, path }, send) => {
    if (!explains) return null;
    const [pathname] = path.split('?');
    const request = new Request(`${apiUrl}/checks`, {
      method: 'POST',
      body: JSON.stringify({ method, path: pathname }),
      headers: { 'Content-Type': 'application/json' },
    });
    try {
      const response = await send(request);
      if (response?.status === 404) explains = false;
      const { checks = null } = (await response?.json()) as { checks?: Check[] };
      return checks;
    } catch {
      return null;
    }
  };
}
