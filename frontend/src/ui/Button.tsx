import type { ComponentProps } from 'react';

type Kind = 'primary' | 'secondary' | 'quiet' | 'danger';
type Size = 'normal' | 'small';

const BASE =
  'focusable inline-flex cursor-pointer items-center justify-center gap-2 rounded-lg border font-semibold no-underline transition-colors disabled:cursor-default disabled:opacity-60';

const KINDS: Record<Kind, string> = {
  primary:
    'border-accent bg-accent text-on-accent hover:border-accent-strong hover:bg-accent-strong',
  secondary: 'border-line bg-card text-ink hover:border-edge hover:bg-sunken',
  quiet: 'border-transparent text-soft hover:bg-sunken hover:text-ink',
  danger: 'border-bad bg-bad text-on-bad hover:opacity-90',
};

const SIZES: Record<Size, string> = {
  normal: 'min-h-11 px-4 py-2 text-base',
  small: 'min-h-9 px-3 py-1 text-sm',
};

/** The classes of a button, for a link that looks like one. */
export function buttonClass(kind: Kind = 'secondary', size: Size = 'normal'): string {
  return `${BASE} ${KINDS[kind]} ${SIZES[size]}`;
}

interface Props extends ComponentProps<'button'> {
  kind?: Kind;
  size?: Size;
}

export function Button({ kind, size, className = '', type = 'button', ...rest }: Props) {
  return <button type={type} className={`${buttonClass(kind, size)} ${className}`} {...rest} />;
}
