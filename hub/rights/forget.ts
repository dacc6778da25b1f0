/**
 * Forgetting oneself (C10-C14): first a copy that opens, read back, or a clear no; then everything everywhere, from a journal, so that a
 * hub that is stopped in the middle goes on by itself until nothing remains.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { writeFileAtomic } from '../ops/files.ts';
import type { People } from '../people/people.ts';
import { HOME } from '../people/subjects.ts';
import type { Store } from '../store/store.ts';
import { ArchiveError } from './archive/archive-error.ts';
import { readBack, seal } from './archive/seal.ts';
import { type Erasure, erasePerson } from './erase.ts';

export interface ForgetOptions {
  /** The hub's data folder. */
  readonly data: string;
  readonly store: Store;
  readonly people: People;
  /** Tells every target; false while nothing is there yet that could tell them. */
  readonly tellTargets: (subject: string) => boolean;
  readonly now: () => number;
}

/** What was decided about the copy: one that was read back, or a clear no. */
export type Copy = 'verified' | 'declined';

export interface Forgotten extends Erasure {
  /** What a person is told of copies that may be elsewhere. */
  readonly backups: readonly string[];
  /** Who runs the hub from now on; null when nobody lives here any more. */
  readonly runsHub: string | null;
}

export interface Forgetting {
  /** A sealed copy of what `archive` gives; it counts once it was read back. */
  offerCopy(subject: string, archive: Readable, passphrase: string): Promise<Readable>;
  /** Rejects with ArchiveError when the file does not open or is not the copy that was offered. */
  checkCopy(subject: string, sealed: Readable, passphrase: string): Promise<void>;
  /** Whether a copy was read back since the hub started. */
  hasCopy(subject: string): boolean;
  /** Erases the person, everywhere. What was begun is ended, also by the next start. */
  forget(subject: string, actor: string): Promise<Forgotten>;
  /** Ends what an interruption left. Resolves with how many there were. */
  resume(): Promise<number>;
  /** Erasures that are not ended. */
  pending(): readonly string[];
}

interface Begun {
  readonly subject: string;
  readonly actor: string;
  readonly atUtcMs: number;
}

export function openForgetting({ data, store, people, tellTargets, now }: ForgetOptions): Forgetting {
  const folder = `${data}/erasures`;
  const copies = new Map<string, { sha256: string; isVerified: boolean }>();

  const read = (): Begun[] => {
    const file = `${folder}/begun.json`;
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Begun[]) : [];
  };
  const write = (begun: readonly Begun[]): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileAtomic(`${folder}/begun.json`, JSON.stringify(begun));
  };

  const run = async ({ subject, actor }: Begun): Promise<Forgotten> => {
    const backups = backupWords(store, subject, now());
    const { accounts } = people;
    const next = accounts.get(subject)?.role === 'owner' ? accounts.handOn(subject) : accounts.owner();
    const erasure = await erasePerson(
      {
        store,
        people,
        tellTargets: (one) => {
          if (!tellTargets(one)) throw new Error('sync does not run yet');
        },
      },
      subject,
      actor === subject ? HOME : actor,
      'by their own wish',
      now(),
    );
    // A hub that nobody lives with is a new one, and whoever claims it next is somebody else.
    if (accounts.owner() === undefined) {
      for (const { id } of accounts.list()) accounts.remove(id);
      accounts.renewFirstPerson();
    }
    write(read().filter((one) => one.subject !== subject));
    copies.delete(subject);
    return { ...erasure, backups, runsHub: next?.name ?? null };
  };

  return {
    async offerCopy(subject, archive, passphrase) {
      return seal(archive, passphrase, (sha256) => copies.set(subject, { sha256, isVerified: false }));
    },
    async checkCopy(subject, sealed, passphrase) {
      const offered = copies.get(subject);
      if (offered === undefined) throw new ArchiveError('taken', 'no copy was taken since the hub started: take one first');
      const sha256 = await readBack(sealed, passphrase);
      if (sha256 !== offered.sha256) throw new ArchiveError('taken', 'it opens, but it is not the copy that was taken last');
      offered.isVerified = true;
    },
    hasCopy: (subject) => copies.get(subject)?.isVerified === true,
    async forget(subject, actor) {
      const begun = { subject, actor, atUtcMs: now() };
      // On disk before anything is gone: from here on there is no way back, and no way to be left half done.
      write([...read().filter((one) => one.subject !== subject), begun]);
      return run(begun);
    },
    async resume() {
      const begun = read();
      for (const one of begun) await run(one);
      return begun.length;
    },
    pending: () => read().map(({ subject }) => subject),
  };
}

function backupWords(store: Store, subject: string, nowMs: number): string[] {
  const kept = store.backups(subject);
  const today = new Date(nowMs).toISOString();
  const newest = kept[0];
  return [
    newest === undefined
      ? 'The hub had no backup of your vault.'
      : `${kept.length} backups of your vault on this hub, the newest of ${new Date(newest.atMs).toISOString()}, lost their key and were removed on ${today}.`,
    'Copies of the hub’s folder or card that somebody made elsewhere are not known to the hub. With the hub’s recovery kit they open: destroy them, or the kit.',
  ];
}
