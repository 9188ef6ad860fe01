import type { Session } from '../session/session';

/** Have Okta revoke the current access token (RFC 7009); this app keeps it, to show what happens. */
export async function revoke(session: Session): Promise<void> {
  const { issuer, clientId } = session.config;
  const token = await session.accessToken();
  const response = await fetch(`${issuer}/v1/revoke`, {
    method: 'POST',
    body: new URLSearchParams({ token: token ?? '', client_id: clientId }),
  });
  await response.text(); // or the browser counts the request as aborted
  if (!response.ok) throw new Error(`status ${response.status}`);
}
