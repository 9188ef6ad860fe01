import { useEffect, useRef, useState } from 'react';
import { useSession, useSessionState } from './context';
import { idleNotice } from './notices';

const WARNING_SECONDS = 60;
const EVENTS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

/**
 * Sign a person out, in every tab, who has used none of them for `idleMinutes`. Return how many
 * seconds are left once there is a minute or less, else null, and how to say that somebody is there.
 */
export function useIdleSignOut(): [secondsLeft: number | null, stay: () => void] {
  const session = useSession();
  const { signedIn } = useSessionState();
  const { idleMinutes } = session.config;
  const activity = useRef<Activity>(null);
  const [secondsLeft, setSecondsLeft] = useState<number | null>(null);
  const isOn = signedIn === true && idleMinutes > 0;

  useEffect(() => {
    if (!isOn) return;
    const current = (activity.current = new Activity());
    const timer = setInterval(() => {
      const left = Math.ceil(idleMinutes * 60 - current.secondsAgo());
      setSecondsLeft(left <= WARNING_SECONDS ? Math.max(0, left) : null);
      if (left > 0) return;
      clearInterval(timer);
      void session.signOut(idleNotice(idleMinutes));
    }, 1000);
    return () => {
      clearInterval(timer);
      current.close();
      setSecondsLeft(null);
    };
  }, [isOn, idleMinutes, session]);

  return [isOn ? secondsLeft : null, () => activity.current?.now()];
}

/** When somebody last used this app, in this tab or in another. */
class Activity {
  #last = Date.now();
  #told = 0;
  readonly #channel = new BroadcastChannel('activity');

  constructor() {
    this.#channel.onmessage = () => {
      this.#last = Date.now();
    };
    for (const event of EVENTS) window.addEventListener(event, this.now, { passive: true });
  }

  readonly now = () => {
    this.#last = Date.now();
    // Other tabs need not know of every key.
    if (this.#last - this.#told < 1000) return;
    this.#told = this.#last;
    this.#channel.postMessage(null);
  };

  secondsAgo(): number {
    return (Date.now() - this.#last) / 1000;
  }

  close() {
    this.#channel.close();
    for (const event of EVENTS) window.removeEventListener(event, this.now);
  }
}
