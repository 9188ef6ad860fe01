import type { ReactNode } from 'react';

export type Tone = 'good' | 'bad' | 'info';

const TONES: Record<Tone, string> = {
  good: 'border-accent bg-accent-soft',
  bad: 'border-bad bg-bad-soft',
  info: 'border-edge bg-sunken',
};

interface Props {
  title: string;
  text: string;
  /** A technical message, folded away. */
  details?: string | undefined;
  tone?: Tone;
  /** What may help. */
  children?: ReactNode;
}

/** What went wrong, or what to know, read out at once. */
export function Alert({ title, text, details, tone = 'bad', children }: Props) {
  return (
    <div
      className={`grid grid-cols-[minmax(0,1fr)] justify-items-start gap-2 rounded-lg border border-l-4 px-4 py-3 ${TONES[tone]}`}
      role={tone === 'bad' ? 'alert' : 'status'}
    >
      <h2 className="subheading">{title}</h2>
      <p className="[overflow-wrap:anywhere]">{text}</p>
      {details && (
        <details className="text-sm">
          <summary className="focusable cursor-pointer">Details</summary>
          <code className="code">{details}</code>
        </details>
      )}
      {children}
    </div>
  );
}
