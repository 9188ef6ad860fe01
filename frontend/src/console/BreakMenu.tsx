import { useSession, useTokens } from '../session/context';
import { Button } from '../ui/Button';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '../ui/Menu';
import { describeFaults } from './faults';
import { revoke } from './revoke';
import { useFaults } from './useFaults';

const FAULTS = [
  ['outage', 'Take Okta down', 'Okta is down. Tokens whose keys are known keep working.'],
  [
    'rotate?overlap=false',
    'Replace the signing key',
    'Okta has a new key, and withdrew the old one.',
  ],
  ['skew?seconds=600', 'Set Okta’s clock 10 minutes ahead', 'New tokens are from the future.'],
  ['skew?seconds=-600', 'Set Okta’s clock 10 minutes behind', 'New tokens end earlier.'],
] as const;

/** Faults of the local Okta to switch on, one click each, and one click to undo them. */
export function BreakMenu() {
  const { faults, act } = useFaults();
  const broken = faults && describeFaults(faults);
  const session = useSession();
  const { sub } = useTokens().idToken.claims;

  return (
    <Menu trigger={<Button>{broken ? 'Broken ▾' : 'Break something ▾'}</Button>}>
      <MenuLabel>{broken ?? 'In the local Okta, nothing is broken.'}</MenuLabel>
      <MenuItem disabled={!broken} onSelect={() => void act('reset', 'Okta works again.')}>
        Undo all
      </MenuItem>
      <MenuSeparator />
      {FAULTS.map(([path, label, done]) => (
        <MenuItem key={path} onSelect={() => void act(path, done)}>
          {label}
        </MenuItem>
      ))}
      <MenuItem
        onSelect={() =>
          void act(
            () => revoke(session),
            'Okta revoked your token. Only a route that asks Okta knows.',
          )
        }
      >
        Revoke my token
      </MenuItem>
      <MenuItem
        onSelect={() =>
          void act(
            `universal-logout?person=${encodeURIComponent(sub)}`,
            'Okta told the API to sign you out everywhere.',
          )
        }
      >
        Sign me out everywhere
      </MenuItem>
    </Menu>
  );
}

/** What is broken, above everything else, with the way back. */
export function BrokenNote() {
  const { faults, act } = useFaults();
  const broken = faults && describeFaults(faults);
  if (!broken) return null;
  return (
    <p
      className="mb-3 flex flex-wrap items-center gap-3 rounded-lg bg-warn-soft px-4 py-2 text-warn"
      role="status"
    >
      <b>{broken}</b>
      <Button size="small" onClick={() => void act('reset', 'Okta works again.')}>
        Undo
      </Button>
    </p>
  );
}
