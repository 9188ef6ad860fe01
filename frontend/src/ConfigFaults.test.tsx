import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { findFaults } from './config';
import { ConfigFaults } from './ConfigFaults';

test('each fault is told with its name, its value and its remedy', () => {
  const config = {
    issuer: 'https://dev-1.okta.com',
    clientId: '',
    apiUrl: 'http://localhost:8000',
  };
  render(<ConfigFaults faults={findFaults(config)} />);
  expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('not set up');
  const issuer = screen.getByRole('region', { name: 'VITE_OKTA_ISSUER' });
  expect(issuer).toHaveTextContent('It says https://dev-1.okta.com');
  expect(issuer).toHaveTextContent('org authorization server');
  const clientId = screen.getByRole('region', { name: 'VITE_OKTA_CLIENT_ID' });
  expect(clientId).not.toHaveTextContent('It says');
  expect(screen.queryByRole('region', { name: 'VITE_API_URL' })).toBeNull();
});
