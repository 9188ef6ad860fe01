/** The initials of a person, for decoration. */
export function Avatar({ name, large = false }: { name: string; large?: boolean }) {
  const initials = name
    .split(/\s+/)
    .map(([first]) => first)
    .slice(0, 2)
    .join('');
  const size = large ? 'size-10 text-sm' : 'size-7 text-xs';
  return (
    <span
      className={`grid shrink-0 place-items-center rounded-full bg-accent font-bold text-on-accent ${size}`}
      aria-hidden="true"
    >
      {initials.toUpperCase()}
    </span>
  );
}
