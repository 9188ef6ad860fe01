import type { IDToken } from '@okta/okta-auth-js/core';
import { Link, useLocation } from 'react-router';
import { useSession } from '../session/context';
import { usePeople } from '../session/people';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '../ui/Menu';

/** Who is signed in, and a menu to continue as someone else or to sign out. */
export function AccountMenu({ claims }: { claims: IDToken['claims'] }) {
  const session = useSession();
  const { pathname } = useLocation();
  const name = claims.name ?? claims.sub;
  const others = (usePeople() ?? []).filter(({ name: other }) => other !== name);

  return (
    <Menu
      trigger={
        <Button className="rounded-full! py-1! pr-3! pl-1.5!" aria-label={`Account: ${name}`}>
          <Avatar name={name} />
          <span className="font-normal max-sm:sr-only">{name}</span>
          <span aria-hidden="true">▾</span>
        </Button>
      }
    >
      <MenuLabel>
        Signed in as <span className="block text-ink">{claims.email ?? name}</span>
      </MenuLabel>
      <MenuSeparator />
      <MenuItem isLink>
        <Link to="/profile">Profile</Link>
      </MenuItem>
      {others.map(({ name: other, login }) => (
        <MenuItem
          key={login}
          onSelect={() => void session.signIn({ returnTo: pathname, loginHint: login })}
        >
          <Avatar name={other} />
          Switch to {other.split(' ')[0]}
        </MenuItem>
      ))}
      {others.length === 0 && (
        <MenuItem onSelect={() => void session.signIn({ returnTo: pathname, prompt: 'login' })}>
          Switch account
        </MenuItem>
      )}
      <MenuItem onSelect={() => void session.signOut()}>Sign out</MenuItem>
    </Menu>
  );
}
