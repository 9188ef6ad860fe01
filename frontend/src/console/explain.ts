import { adviceOn, stillRefused, type Advice } from '../api/advice';
import type { Config } from '../config';
import { CREDENTIALS } from './credentials';
import type { Exchange } from './exchange';
import type { ApiRoute } from './openapi';

/** Explain the outcome of a request, which may have been sent with another token on purpose. */
export function explain(
  exchange: Exchange,
  config: Config,
  route?: ApiRoute | null,
): Advice | null {
  const { outcome, credential, repeated } = exchange;
  if (outcome === null) return null;
  const advice = adviceOn(outcome, config, { groups: route?.requirement?.groups ?? [] });
  if (credential === 'own') return repeated ? stillRefused(advice) : advice;
  const { label, text, isValid } = CREDENTIALS[credential];
  if (outcome.kind === 'signed-out')
    return {
      tone: 'bad',
      title: `There is no ${label}`,
      text: 'Nothing was sent, because Okta issued none. Check that the local Okta is running and that you are signed in there.',
    };
  if (outcome.kind !== 'received') return advice;
  // A button of this app gets a token for this app, not for the one that was sent.
  const { action, ...rest } = advice;
  if (isValid) return action?.kind === 'retry' ? advice : rest;
  if (outcome.status === 400 || outcome.status === 401)
    return {
      ...rest,
      tone: 'good',
      title: 'The API rejects this, as it must',
      text: `${text} Reason: ${advice.title}.`,
    };
  if (action?.kind === 'retry') return advice;
  return route?.requirement === null
    ? { ...rest, text: 'This route needs no access token.' }
    : rest;
}
