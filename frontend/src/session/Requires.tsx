import type { ReactNode } from 'react';
import { list, scopesOf } from '../token/jwt';
import { useTokens } from './context';

interface Props {
  scope?: string;
  group?: string;
  /** What to show those who may not. */
  otherwise?: ReactNode;
  children: ReactNode;
}

/**
 * Shows its children only if the access token has the scope and the group. This keeps buttons that
 * cannot work out of the way; it protects nothing, which only the API can.
 */
export function Requires({ scope, group, otherwise = null, children }: Props) {
  const claims = { ...useTokens().accessToken.claims };
  const hasScope = scope === undefined || scopesOf(claims).includes(scope);
  const hasGroup = group === undefined || list(claims, 'groups').includes(group);
  return hasScope && hasGroup ? children : otherwise;
}
