/** Say when a token expires; both times in seconds since 1970. */
export function expiryText(expiresAt: number, now: number): string {
  const left = Math.ceil(expiresAt - now);
  return left <= 0 ? `expired ${duration(-left)} ago` : `expires in ${duration(left)}`;
}

const TIMES = ['exp', 'iat', 'nbf', 'auth_time'];

/** Write the value of a claim, and if it is a time, when that is. */
export function withTime(name: string, value: string): string {
  if (!TIMES.includes(name) || !/^\d+$/.test(value)) return value;
  return `${value} (${new Date(Number(value) * 1000).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' })})`;
}

/** Write a duration in its largest sensible unit. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
  if (seconds < 120 * 60) return `${Math.floor(seconds / 60)} minutes`;
  return `${Math.floor(seconds / 3600)} hours`;
}
