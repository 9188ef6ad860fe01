import { isLocal, type Config } from '../config';
import type { Exchange } from './exchange';
import type { Form } from './SendForm';

/** Something to try: what fills the form, and how to tell that it was done. */
export interface Try {
  status: number;
  title: string;
  text: string;
  form: Pick<Form, 'method' | 'path' | 'credential'>;
  /** What else to do before Send is pressed. */
  first?: string;
  isDone: (exchange: Exchange) => boolean;
}

const with_ = (path: string, credential: Form['credential'] = 'own') => ({
  method: 'GET',
  path,
  credential,
});

function refused(code: string) {
  return ({ outcome }: Exchange) => outcome?.kind === 'received' && outcome.code === code;
}

function accepted({ outcome, path, credential }: Exchange) {
  return (
    outcome?.kind === 'received' && outcome.status < 300 && path === '/me' && credential === 'own'
  );
}

/** Those that work: some need the switches of the local Okta. */
export function eightFor({ issuer }: Config): Try[] {
  return isLocal(issuer) ? EIGHT : EIGHT.slice(0, 4);
}

/** The eight that show what the API does, in the order of a demonstration. */
export const EIGHT: Try[] = [
  {
    status: 200,
    title: 'A valid token',
    text: 'Every check passes',
    form: with_('/me'),
    isDone: accepted,
  },
  {
    status: 403,
    title: 'A scope is missing',
    text: 'Request it and retry, in one click',
    form: with_('/reports'),
    isDone: refused('insufficient_scope'),
  },
  {
    status: 401,
    title: 'A changed signature',
    text: 'One character is enough',
    form: with_('/me', 'changed'),
    isDone: refused('signature'),
  },
  {
    status: 401,
    title: 'An ID token',
    text: 'The most common mistake',
    form: with_('/me', 'id'),
    isDone: refused('audience'),
  },
  {
    status: 401,
    title: 'An expired token',
    text: 'A real one, issued with Okta’s clock set back',
    form: with_('/me', 'expired'),
    isDone: refused('expired'),
  },
  {
    status: 401,
    title: 'A second factor is required',
    text: 'Step up, and continue where you were',
    form: with_('/payslip'),
    isDone: refused('sign_in_too_weak'),
  },
  {
    status: 401,
    title: 'A stolen DPoP token',
    text: 'Without the key it is useless',
    form: with_('/me', 'unproved'),
    isDone: refused('bound'),
  },
  {
    status: 200,
    title: 'Okta is down',
    text: 'Known keys keep working',
    first: 'First choose “Take Okta down” under “Break something”.',
    form: with_('/me'),
    isDone: (exchange) => exchange.isOktaDown && accepted(exchange),
  },
];
