import { useEffect, useRef, type ReactNode } from 'react';
import { useLocation } from 'react-router-dom';

/** A page of the app: its title in tab and heading; the heading takes focus after navigation. */
export function Page({ title, children }: { title: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { key } = useLocation();

  useEffect(() => {
    // 'default' is the page the browser loaded, which screen readers announce themselves.
    if (key !== 'default') heading.current?.focus();
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
