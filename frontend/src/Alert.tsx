import type { ReactNode } from 'react';

/** What went wrong, read out at once; `children` may be a way to mend it. */
export function Alert({
  title,
  text,
  children,
}: {
  title: string;
  text: string;
  children?: ReactNode;
}) {
  return (
    <div className="notice notice-bad" role="alert">
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
    </div>
  );
}
