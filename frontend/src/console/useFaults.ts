import { useQuery, useQueryClient } from '@tanstack/react-query';
import { isLocal } from '../config';
import { useSession } from '../session/context';
import { useToast } from '../ui/Toasts';
import { flip, readFaults } from './faults';

/** What is broken in the local Okta, undefined where that is not known, and how to change it. */
export function useFaults() {
  const { config } = useSession();
  const say = useToast();
  const client = useQueryClient();
  const queryKey = ['faults', config.issuer];
  const { data: faults } = useQuery({
    queryKey,
    queryFn: ({ signal }) => readFaults(config, signal),
    enabled: isLocal(config.issuer),
  });

  const act = async (what: string | (() => Promise<void>), done: string) => {
    try {
      await (typeof what === 'string' ? flip(config, what) : what());
      say(done);
    } catch {
      say('The local Okta did not do that. Is it running?');
    }
    await client.invalidateQueries({ queryKey });
  };
  return { faults, act };
}
