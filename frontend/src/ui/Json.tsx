const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/g;

const COLOURS = { number: 'text-warn', string: 'text-accent', name: 'text-info' };

/** A response body: JSON indented and coloured, anything else unchanged. */
export function Json({ text }: { text: string }) {
  const json = indent(text);
  if (json === null) return text;
  const parts = [];
  let end = 0;
  for (const { 0: all, 1: string, 2: colon, index } of json.matchAll(TOKEN)) {
    const kind = string === undefined ? 'number' : colon === undefined ? 'string' : 'name';
    parts.push(
      json.slice(end, index),
      <span key={index} className={COLOURS[kind]}>
        {all}
      </span>,
    );
    end = index + all.length;
  }
  return [...parts, json.slice(end)];
}

function indent(text: string): string | null {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}
