/** Short technical names, each in a pill. */
export function Tags({ label, items }: { label: string; items: string[] }) {
  return (
    <ul className="tags" aria-label={label}>
      {items.map((item) => (
        <li key={item} className="chip">
          {item}
        </li>
      ))}
    </ul>
  );
}
