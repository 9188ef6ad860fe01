import type { ReactNode } from 'react';

const TONES = {
  plain: 'border-line bg-sunken text-soft',
  good: 'border-transparent bg-accent-soft text-accent',
  bad: 'border-transparent bg-bad-soft text-bad',
  warn: 'border-transparent bg-warn-soft text-warn',
};

interface Props {
  tone?: keyof typeof TONES;
  children: ReactNode;
}

/** A few words that stand out, such as a state or an HTTP status. */
export function Chip({ tone = 'plain', children }: Props) {
  return (
    <span
      className={`inline-block rounded-md border px-2 py-0.5 text-center font-mono text-xs font-semibold [overflow-wrap:anywhere] ${TONES[tone]}`}
    >
      {children}
    </span>
  );
}

/** An HTTP status in its colour. */
export function StatusChip({ status }: { status: number }) {
  return <Chip tone={status < 400 ? 'good' : 'bad'}>{status}</Chip>;
}
