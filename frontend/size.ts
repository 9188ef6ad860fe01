// Fails when the scripts and styles that index.html loads exceed the budget, compressed.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 130_000;

const page = readFileSync('dist/index.html', 'utf8');
const files = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(
  ([, path]) => `dist${path}`,
);
const total = ['dist/index.html', ...files]
  .map((file) => gzipSync(readFileSync(file)).length)
  .reduce((sum, size) => sum + size, 0);

console.log(`first load: ${total} bytes gzip of ${BUDGET_BYTES}`);
process.exitCode = total > BUDGET_BYTES ? 1 : 0;
