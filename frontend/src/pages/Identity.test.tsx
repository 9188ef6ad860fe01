import type { AccessToken, IDToken } from '@okta/okta-auth-js';
import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Identity } from './Identity';

function identity(claims: object, idClaims: object) {
  const accessToken = { scopes: ['openid'], expiresAt: Date.now() / 1000 + 3600, claims };
  // Of Okta's tokens, what is shown.
  render(
    <Identity
      accessToken={accessToken as unknown as AccessToken}
      idToken={{ claims: idClaims } as IDToken}
    />,
  );
  return screen.getByRole('region', { name: 'Who you are' });
}

test('what Okta does not tell is said to be missing', () => {
  const shown = identity({}, { sub: '00u1' });
  expect(shown).toHaveTextContent('Namenot told by Okta');
  expect(shown).toHaveTextContent('E-mailnot told by Okta');
  expect(shown).toHaveTextContent('the access token has no groups claim');
});

test('someone in no group has an empty list, which is not a missing claim', () => {
  const shown = identity({ groups: [] }, { sub: '00u1', name: 'Eve', email: 'eve@example.com' });
  expect(shown).toHaveTextContent('Groupsnone');
});
