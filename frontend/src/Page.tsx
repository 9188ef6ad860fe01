import { useEffect, useRef, type ReactNode } from 'react';
import { useLocation } from 'react-router-dom';

// Screen readers announce the page that the browser loaded, and no other.
let loaded: HTMLHeadingElement | null = null;

/** A page of the app: its title in tab and heading, which takes focus when the page comes up. */
export function Page({ title, children }: { title: string; children: ReactNode }) {
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
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </>
  );
}
