import { useEffect, useState } from 'react';
import { isLocal, type Config } from '../config';
import { useSession } from './context';

/** Somebody whom the local Okta signs in without a password. */
export interface Person {
  name: string;
  login: string;
  groups: string[];
}

/** Return the people of the local Okta; none with an org of Okta's, null until that is known. */
export function usePeople(): Person[] | null {
  const { config } = useSession();
  const [people, setPeople] = useState<Person[] | null>(isLocal(config.issuer) ? null : []);

  useEffect(() => {
    if (!isLocal(config.issuer)) return;
    const left = new AbortController();
    loadPeople(config, left.signal).then(setPeople, () => {
      if (!left.signal.aborted) setPeople([]);
    });
    return () => {
      left.abort();
    };
  }, [config]);

  return people;
}

async function loadPeople({ issuer }: Config, signal: AbortSignal): Promise<Person[]> {
  const response = await fetch(`${new URL(issuer).origin}/local/people`, { signal });
  const people: unknown = await response.json();
  return Array.isArray(people) ? (people as Person[]) : []; // or another program listens there
}
