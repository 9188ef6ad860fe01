/** Something is in progress. */
export function Loading({ text }: { text: string }) {
  return (
    <p className="mx-auto flex w-full max-w-6xl items-center gap-3 py-4 text-soft" role="status">
      <span
        className="size-4 rounded-full border-2 border-edge border-t-accent motion-safe:animate-spin"
        aria-hidden="true"
      />
      {text}
    </p>
  );
}
