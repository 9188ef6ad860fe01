import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useLocation } from 'react-router';
import { BRAND } from '../../brand';

// Screen readers announce only the page that the browser loaded.
let loaded: HTMLHeadingElement | null = null;

interface Props {
  title: string;
  /** `display` for a first screen, `hidden` for screen readers only. */
  heading?: 'normal' | 'display' | 'hidden';
  children: ReactNode;
}

const HEADINGS = {
  normal: 'heading mb-4',
  display: 'text-display font-bold tracking-tight text-balance mb-4',
  hidden: 'sr-only',
};

/** A page of the app: its title in tab and heading, which receives focus after a navigation. */
export function Page({ title, heading = 'normal', children }: Props) {
  const element = useRef<HTMLHeadingElement>(null);
  const location = useLocation();
  // Only a page that appears gets the focus: a query that changes must not take it from an input.
  const [key] = useState(location.key);

  useEffect(() => {
    loaded ??= element.current;
    // 'default' is the key of the address that the browser loaded.
    if (key !== 'default' || element.current !== loaded) element.current?.focus();
  }, [key]);

  return (
    <>
      <title>{`${title.replace(/\.$/, '')} · ${BRAND.name}`}</title>
      <h1 ref={element} tabIndex={-1} className={`${HEADINGS[heading]} outline-none`}>
        {title}
      </h1>
      {children}
    </>
  );
}
