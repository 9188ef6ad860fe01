import type { ReactNode } from 'react';

interface Props {
  title: string;
  text: string;
  /** A technical message, folded away. */
  details?: string | undefined;
  /** What may help. */
  children?: ReactNode;
}

/** What went wrong, read out at once. */
export function Alert({ title, text, details, children }: Props) {
  return (
    <div className="message bad" role="alert">
      <h2>{title}</h2>
      <p>{text}</p>
      {details && (
        <details>
          <summary>Details</summary>
          <code>{details}</code>
        </details>
      )}
      {children}
    </div>
  );
}
