import { ConfirmDialog } from '../ui/ConfirmDialog';

interface Props {
  seconds: number;
  onStay: () => void;
  onSignOut: () => void;
}

/** Asks somebody who has not used the app for a while whether they are still there. */
export function IdleWarning({ seconds, onStay, onSignOut }: Props) {
  return (
    <ConfirmDialog
      open
      title="Are you still there?"
      text={`You have not used this app for a while. It signs you out in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}, in every tab.`}
      confirm="Sign out now"
      cancel="Stay signed in"
      danger
      onConfirm={onSignOut}
      onCancel={onStay}
    />
  );
}
