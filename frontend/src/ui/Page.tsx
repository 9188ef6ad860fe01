import { useEffect, useRef, type ReactNode } from 'react';
import { useLocation } from 'react-router';

// Screen readers announce only the page that the browser loaded.
let loaded: HTMLHeadingElement | null = null;

interface Props {
  title: string;
  /** Whether the heading is for screen readers only. */
  hidden?: boolean;
  children: ReactNode;
}

/** A page of the app: its title in tab and heading, which receives focus after a navigation. */
export function Page({ title, hidden = false, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { key } = useLocation();

  useEffect(() => {
    loaded ??= heading.current;
    // 'default' is the key of the address that the browser loaded.
    if (key !== 'default' || heading.current !== loaded) heading.current?.focus();
  }, [key]);

  return (
    <>
      <title>{`${title} · FastAPI with Okta`}</title>
      <h1 ref={heading} tabIndex={-1} className={hidden ? 'visually-hidden' : undefined}>
        {title}
      </h1>
      {children}
    </>
  );
}
