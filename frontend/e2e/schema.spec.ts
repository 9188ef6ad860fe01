import { execFileSync } from 'node:child_process';
import { API } from './environment.ts';
import { test } from './test.ts';

test('the generated types are those of the API', () => {
  execFileSync('npm', ['run', '--silent', 'generate:check', '--', `${API}/openapi.json`]);
});
