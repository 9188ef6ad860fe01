/** Say when a token expires; both times in seconds since 1970. */
export function expiryText(expiresAt: number, now: number): string {
  const left = Math.ceil(expiresAt - now);
  return left <= 0 ? `expired ${duration(-left)} ago` : `expires in ${duration(left)}`;
}

/** Write a duration in its largest sensible unit. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
  if (seconds < 120 * 60) return `${Math.floor(seconds / 60)} minutes`;
  return `${Math.floor(seconds / 3600)} hours`;
}
