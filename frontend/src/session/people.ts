import { isLocal, type Config } from '../config';

/** Somebody whom the local Okta signs in by name. */
export interface Person {
  name: string;
  login: string;
  text: string;
}

const LOCAL_PEOPLE: Person[] = [
  { name: 'Ada Lovelace', login: 'ada@example.com', text: 'In Admins. Has no reports scope yet.' },
  { name: 'Grace Hopper', login: 'grace@example.com', text: 'Not in Admins. Gets a 403.' },
];

/** Return the people to choose from without a password; none with an org of Okta's. */
export function peopleOf({ issuer }: Config): Person[] {
  return isLocal(issuer) ? LOCAL_PEOPLE : [];
}
