import { crc32 } from 'node:zlib';

const SIGNATURE = 8;

interface Chunk {
  type: string;
  data: Buffer;
}

/** Join PNG pictures of one size into an animated one (PNG, third edition), each shown for a while. */
export function animate(frames: { png: Buffer; milliseconds: number }[]): Buffer {
  const [first] = frames;
  if (first === undefined) throw new Error('no frames');
  const header = chunksOf(first.png).find(({ type }) => type === 'IHDR')?.data ?? Buffer.alloc(0);
  const control = numbers(frames.length, 0); // for ever
  let sequence = 0;
  const bodies = frames.flatMap(({ png, milliseconds }, index) => {
    const size = [header.readUInt32BE(0), header.readUInt32BE(4), 0, 0];
    const delay = Buffer.alloc(6);
    delay.writeUInt16BE(milliseconds, 0);
    delay.writeUInt16BE(1000, 2);
    const parts = [chunk('fcTL', Buffer.concat([numbers(sequence++, ...size), delay]))];
    for (const { type, data } of chunksOf(png).filter((one) => one.type === 'IDAT'))
      parts.push(
        index === 0 ? chunk(type, data) : chunk('fdAT', Buffer.concat([numbers(sequence++), data])),
      );
    return parts;
  });
  return Buffer.concat([
    first.png.subarray(0, SIGNATURE),
    chunk('IHDR', header),
    chunk('acTL', control),
    ...bodies,
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunksOf(png: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE; at < png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    chunks.push({ type, data: png.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([numbers(data.length), body, numbers(crc32(body))]);
}

function numbers(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => buffer.writeUInt32BE(value, index * 4));
  return buffer;
}
