import { OktaContext } from '@okta/okta-react';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MemoryRouter } from 'react-router-dom';
import { vi } from 'vitest';
import { createOktaAuth } from '../session/okta';
import { SessionContext, type Session } from '../session/session';
import { ApiPanel } from './ApiPanel';

export const TOKEN = 'aaa.bbb.ccc';

/** Render the panel with Okta's SDK holding `token`, and return who presses its buttons. */
export function renderPanel(
  apiUrl: string,
  signIn: Session['signIn'],
  token: string | null = TOKEN,
) {
  const oktaAuth = createOktaAuth({
    issuer: 'http://localhost:9000/oauth2/default',
    clientId: '0oalocalspa',
    apiUrl,
  });
  if (token !== null)
    oktaAuth.tokenManager.add('accessToken', {
      accessToken: token,
      tokenType: 'Bearer',
      scopes: ['openid'],
      expiresAt: Date.now() / 1000 + 3600,
      authorizeUrl: '',
      userinfoUrl: '',
    });
  const session = { notice: null, leaving: null, signIn, signOut: vi.fn(), renew: vi.fn() };
  render(
    <MemoryRouter>
      <OktaContext value={{ oktaAuth, authState: null }}>
        <SessionContext value={session}>
          <ApiPanel apiUrl={apiUrl} />
        </SessionContext>
      </OktaContext>
    </MemoryRouter>,
  );
  return userEvent.setup();
}

/** Where the outcome of the last call is told. */
export function outcome() {
  const [first] = screen.getAllByRole('status');
  if (!first) throw new Error('no outcome');
  return first;
}
