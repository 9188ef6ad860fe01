import type { Config } from '../config';

/** What is switched on in the local Okta. */
export interface Faults {
  outage: boolean;
  /** Seconds by which its clock is ahead. */
  skew: number;
}

/** Set a switch of the local Okta. As JSON, so that browsers ask it first whether this app may. */
export async function flip({ issuer }: Config, path: string): Promise<void> {
  const response = await fetch(`${new URL(issuer).origin}/local/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
  });
  await response.text(); // or the browser counts the request as aborted
  if (!response.ok) throw new Error(`the local Okta responded ${response.status}`);
}

/** Return what is switched on. */
export async function readFaults({ issuer }: Config, signal?: AbortSignal): Promise<Faults> {
  const response = await fetch(`${new URL(issuer).origin}/local`, {
    headers: { Accept: 'application/json' },
    cache: 'no-store',
    ...(signal && { signal }),
  });
  if (!response.ok) throw new Error(`the local Okta responded ${response.status}`);
  const { outage, skew } = (await response.json()) as { outage: unknown; skew: number };
  return { outage: Boolean(outage), skew };
}

/** Say what is broken; null if nothing is. */
export function describeFaults({ outage, skew }: Faults): string | null {
  const parts = [
    ...(outage ? ['Okta is down'] : []),
    ...(skew === 0
      ? []
      : [`Okta’s clock is ${Math.abs(skew / 60)} minutes ${skew > 0 ? 'ahead' : 'behind'}`]),
  ];
  return parts.length > 0 ? `${parts.join(', and ')}.` : null;
}
