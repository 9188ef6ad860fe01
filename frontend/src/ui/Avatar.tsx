/** The initials of a person, for decoration. */
export function Avatar({ name }: { name: string }) {
  const initials = name
    .split(/\s+/)
    .map(([first]) => first)
    .slice(0, 2)
    .join('');
  return (
    <span className="avatar" aria-hidden="true">
      {initials.toUpperCase()}
    </span>
  );
}
