import type { IDToken } from '@okta/okta-auth-js/core';
import { useRef } from 'react';
import { Link } from 'react-router';
import { useSession } from '../session/context';
import { Avatar } from '../ui/Avatar';

/** Who is signed in, and a menu that the browser closes on Escape or a click elsewhere. */
export function AccountMenu({ claims }: { claims: IDToken['claims'] }) {
  const session = useSession();
  const menu = useRef<HTMLDivElement>(null);
  const name = claims.name ?? claims.sub;

  return (
    <>
      <button type="button" className="who" popoverTarget="account" aria-label={`Account: ${name}`}>
        <Avatar name={name} />
        <span className="who-name">{name}</span> <span aria-hidden="true">▾</span>
      </button>
      <div ref={menu} id="account" popover="auto" className="menu">
        <p>
          <small>Signed in as</small>
          <br />
          {claims.email ?? name}
        </p>
        <Link to="/profile" onClick={() => menu.current?.hidePopover()}>
          Profile
        </Link>
        <button type="button" onClick={() => void session.signOut()}>
          Sign out
        </button>
      </div>
    </>
  );
}
