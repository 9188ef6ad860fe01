import type { ComponentType } from 'react';
import type { Config } from './config';

// The console is a folder to keep or to delete: without it, these find nothing, and nothing else changes.
const consoles = import.meta.glob<{ Console: ComponentType }>('./console/Console.tsx');
const invitations = import.meta.glob<{ Invitation: ComponentType }>('./console/Invitation.tsx');

/** Loads the console and what the start page says of it. */
export const [loadConsole] = Object.values(consoles);
export const [loadInvitation] = Object.values(invitations);

/** Whether this app has a console: only if its folder is there and the settings turn it on. */
export function hasConsole(config: Config): boolean {
  return config.console && loadConsole !== undefined;
}
