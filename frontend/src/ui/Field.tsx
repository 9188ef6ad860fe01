import { useId, type ComponentProps } from 'react';

export const INPUT =
  'focusable min-h-11 w-full rounded-lg border border-edge bg-card px-3 py-2 text-ink aria-invalid:border-bad';

interface Props extends ComponentProps<'input'> {
  label: string;
  hint?: string;
  error?: string | undefined;
}

/** A labelled input, with what is wrong with its value. */
export function Field({ label, hint, error, className = '', ...input }: Props) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className={`grid content-start gap-1 ${className}`}>
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
      </label>
      <input
        id={id}
        className={INPUT}
        aria-invalid={error !== undefined}
        aria-describedby={described || undefined}
        autoComplete="off"
        {...input}
      />
      {hint && (
        <small id={`${id}-hint`} className="text-soft">
          {hint}
        </small>
      )}
      {error && (
        <small id={`${id}-error`} className="font-semibold text-bad" role="alert">
          {error}
        </small>
      )}
    </div>
  );
}
