import { adviceOn, stillRefused, type Advice } from '../api/advice';
import type { Config } from '../config';
import { CREDENTIALS } from './credentials';
import type { Exchange } from './exchange';

/** Explain the outcome of a request, which may have been sent with another token on purpose. */
export function explain(exchange: Exchange, config: Config): Advice | null {
  const { outcome, credential, repeated } = exchange;
  if (outcome === null) return null;
  const advice = adviceOn(outcome, config);
  if (credential === 'own') return repeated ? stillRefused(advice) : advice;
  if (outcome.kind === 'signed-out')
    return {
      tone: 'bad',
      title: `There is no ${CREDENTIALS[credential].label}`,
      text: 'Nothing was sent.',
    };
  if (outcome.kind !== 'received') return advice;
  if (outcome.status === 400 || outcome.status === 401)
    return {
      tone: 'good',
      title: 'The API rejects this, as it must',
      text: `${CREDENTIALS[credential].text} Reason: ${outcome.challenge.description ?? 'no credentials were sent'}.`,
    };
  if (credential === 'expired' && outcome.status < 300)
    return {
      tone: 'good',
      title: 'Not expired yet, or within the leeway',
      text: 'The API accepts a token until it expires, and OKTA_LEEWAY longer (60 seconds by default) because clocks differ. Try again later.',
    };
  return advice;
}
