import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';

// A request that fails says why, offline too; sending it again is the reader's decision.
const defaults = { retry: false, networkMode: 'always' } as const;
const client = new QueryClient({ defaultOptions: { queries: defaults, mutations: defaults } });

/** Lets the pages within cache what they load. */
export function Queries({ children }: { children: ReactNode }) {
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}
