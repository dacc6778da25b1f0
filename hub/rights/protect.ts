/**
 * Protecting one's vault with a secret of one's own (the right to protect): what a lock does, said before it is set, and closing it again.
 */

import type { House } from '../house.ts';
import { EMBEDDED } from '../sync/sync.ts';

/** An unlocked vault that its person does not use is locked again. */
export const UNUSED_MS = 15 * 60_000;

/** What is told before a lock is set, and what is lost without its secrets. */
export const lockWords = {
  does: 'Nobody reads your values until you unlock them, who runs the hub neither: not on a page, not from the card, not from a backup. What your devices measure meanwhile is kept, sealed, and comes into your vault when you unlock it.',
  stops:
    'While it is locked nothing of yours is shown, shared, sent to other places or computed; that goes on when you unlock it. It locks itself when you sign out, after 15 minutes without use, and when the hub restarts. The edge inside this hub loses its copy of yours and gets no other. Readings of a scale that several people use may wait under “Whose is it?”, where the household sees them. Copies that you or others took before stay as they are.',
  lost: 'Without your passphrase and without the recovery kit everything in your vault is lost for ever. Nobody can open it: not who runs the hub, not who made it. It can then only be deleted.',
} as const;

/** Locks a vault again that its person had unlocked. */
export function closeVault(house: House, subject: string, actor: string): void {
  if (house.store.lockState(subject) !== 'unlocked') return;
  house.store.lockAgain(subject);
  house.people.operations.append({ kind: 'vault-closed', actor, subject });
}

/** Puts a lock on a vault. Resolves with the recovery kit, shown this once. Rejects with StoreError. */
export async function lockVault(house: House, subject: string, secret: string): Promise<string> {
  const kit = await house.store.lock(subject, secret);
  house.people.attribution.guard(subject);
  // It lies open beside the vault.
  house.sync?.()?.erase(subject, EMBEDDED);
  house.people.operations.append({ kind: 'vault-locked', actor: subject, subject });
  return kit;
}

/** Unlocks a vault, and gives out what waited sealed as if it came now. Resolves with how many; undefined when it is not the secret. */
export async function unlockVault(house: House, subject: string, actor: string, secretOrKit: string): Promise<number | undefined> {
  const added = await house.store.unlock(subject, secretOrKit, house.kept);
  if (added !== undefined) house.people.operations.append({ kind: 'vault-unlocked', actor, subject, detail: { readings: added } });
  return added;
}
