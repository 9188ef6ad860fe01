import type { AccessToken } from '@okta/okta-auth-js/core';
import { Expiry } from '../token/Expiry';
import { list } from '../token/jwt';
import { Tags } from '../ui/Tags';

/** What the access token allows and for how long. */
export function TokenCard({ accessToken }: { accessToken: AccessToken }) {
  const { scopes, claims } = accessToken;
  return (
    <section className="card" aria-labelledby="access-token">
      <h2 id="access-token">Access token</h2>
      <Expiry token={accessToken} />
      <Tags label="Scopes and groups" items={[...scopes, ...list({ ...claims }, 'groups')]} />
    </section>
  );
}
