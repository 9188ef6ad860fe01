/** The same call for a shell. The token stays a variable, so that none is shown or copied. */
export function curlFor(url: string): string {
  // A quote ends the shell's string; as %27 it is the same address.
  return `curl -i -H "Authorization: Bearer $TOKEN" '${url.replaceAll("'", '%27')}'`;
}
