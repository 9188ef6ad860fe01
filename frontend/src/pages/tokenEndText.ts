/** Say when a token ends; `expiresAt` and `now` in seconds since 1970. */
export function tokenEndText(expiresAt: number, now: number): string {
  const left = Math.ceil(expiresAt - now);
  if (left <= 0) return 'has ended';
  if (left < 120) return `ends in ${left} ${left === 1 ? 'second' : 'seconds'}`;
  if (left < 120 * 60) return `ends in ${Math.floor(left / 60)} minutes`;
  return `ends in ${Math.floor(left / 3600)} hours`;
}
