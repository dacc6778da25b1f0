/**
 * The household's policy (F7): a text, named by its hash. Every text that was ever in force is kept; a change is told to everybody, and a
 * purpose that a person's own version did not name waits for their yes. What the text does not name at all is not done.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Accounts } from './accounts.ts';
import type { Choices } from './choices.ts';
import type { OperationsLog } from './operations-log.ts';
import type { Records } from './records.ts';
import { HOME } from './subjects.ts';

export interface NamedPurpose {
  readonly id: string;
  readonly words: string;
}
export interface PolicyVersion {
  /** SHA-256 of the text, hexadecimal. */
  readonly hash: string;
  readonly text: string;
  readonly fromUtcMs: number;
  readonly purposes: readonly NamedPurpose[];
}

export interface Policy {
  /** Reads the text again: a change becomes a version of its own. Returns whether there was one. */
  look(): boolean;
  current(): PolicyVersion;
  /** Oldest first. */
  versions(): readonly PolicyVersion[];
  /** What a person agreed to: by a yes, or by joining while it was in force. */
  agreed(subject: string): PolicyVersion;
  /** Purposes that wait for their yes. */
  waiting(subject: string): NamedPurpose[];
  isWaiting(subject: string, purpose: string): boolean;
  /** They know the current text, and say yes to these of what waits. */
  agree(subject: string, purposes: readonly string[], nowUtcMs: number): void;
  /** What is wrong with the household's own text; empty when nothing is. */
  readonly trouble: string;
}

export interface PolicyOptions {
  /** The text that comes with the hub, and the household's own, which takes its place where there is one. */
  readonly file: string;
  readonly ownFile: string;
  readonly accounts: Pick<Accounts, 'get'>;
  readonly choices: Choices;
  readonly records: Records;
  readonly operations: OperationsLog;
  readonly now: () => number;
}

/** A text that one can read in a few minutes. */
export const MOST_POLICY_BYTES = 64 * 1024;
/** Texts that a household goes through in its life. */
const MOST_VERSIONS = 1000;

const PURPOSE_LINE = /^- `([a-z][a-z0-9-]{0,39})` (.+)$/;

/** The purposes that a text names, a line each: "- `sleep` Telling sleep from movement." */
export function purposesIn(text: string): NamedPurpose[] {
  const named = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, id, words] = PURPOSE_LINE.exec(line.trim()) ?? [];
    if (id !== undefined && words !== undefined && !named.has(id)) named.set(id, words);
  }
  return [...named].map(([id, words]) => ({ id, words }));
}

export interface PolicyLine {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** Edits that are looked for between two texts: above, the one is told as gone and the other as new. */
const MOST_EDITS = 2000;

/** What became of a text, line by line. */
export function differenceOf(before: string, after: string): PolicyLine[] {
  const [old, next] = [before, after].map((text) => text.split(/\r?\n/)) as [string[], string[]];
  // Loaded with the first comparison: most days have none.
  const { diffArrays } = createRequire(import.meta.url)('diff') as typeof import('diff');
  const changes = diffArrays(old, next, { maxEditLength: MOST_EDITS });
  const line = (kind: PolicyLine['kind']) => (text: string) => ({ kind, text });
  if (changes === undefined) return [...old.map(line('gone')), ...next.map(line('new'))];
  return changes.flatMap(({ added, removed, value }) => value.map(line(added ? 'new' : removed ? 'gone' : 'same')));
}

export function openPolicy({ file, ownFile, accounts, choices, records, operations, now }: PolicyOptions): Policy {
  const versions = records
    .list<{ hash: string; text: string }>(HOME, 'policy', MOST_VERSIONS)
    .reverse()
    .map(({ atUtcMs, body }): PolicyVersion => ({ ...body, fromUtcMs: atUtcMs, purposes: purposesIn(body.text) }));
  let trouble = '';
  /** Purposes that some version before the current one did not name: only these can wait. */
  let later = new Set<string>();
  const note = (): void => {
    const current = versions.at(-1)?.purposes ?? [];
    later = new Set(current.map(({ id }) => id).filter((id) => versions.some(({ purposes }) => !purposes.some((one) => one.id === id))));
  };

  const read = (): string => {
    trouble = '';
    if (existsSync(ownFile)) {
      const bytes = readFileSync(ownFile);
      const text = bytes.toString('utf8');
      if (bytes.length > MOST_POLICY_BYTES) trouble = `${ownFile} is longer than ${MOST_POLICY_BYTES / 1024} kB: make it shorter`;
      else if (purposesIn(text).length === 0)
        trouble = `${ownFile} names no purpose: give each a line like "- \`sleep\` Telling sleep from movement."`;
      else return text;
      // What was in force stays in force.
      const current = versions.at(-1);
      if (current !== undefined) return current.text;
    }
    return readFileSync(file, 'utf8');
  };
  const look = (): boolean => {
    const text = read();
    const hash = createHash('sha256').update(text).digest('hex');
    if (versions.at(-1)?.hash === hash) return false;
    const fromUtcMs = Math.round(now());
    records.add(HOME, 'policy', { hash, text }, fromUtcMs);
    const isFirst = versions.length === 0;
    versions.push({ hash, text, fromUtcMs, purposes: purposesIn(text) });
    note();
    if (!isFirst) operations.append({ kind: 'policy', actor: 'hub', subject: HOME, detail: { hash } });
    return true;
  };
  const current = (): PolicyVersion => versions.at(-1)!;
  const agreed = (subject: string): PolicyVersion => {
    const hash = choices.get<string>(subject, 'policy', 'agreed')?.value;
    const own = versions.findLast((one) => one.hash === hash);
    if (own !== undefined) return own;
    const joinedMs = accounts.get(subject)?.createdUtcMs ?? 0;
    return versions.findLast(({ fromUtcMs }) => fromUtcMs <= joinedMs) ?? versions[0]!;
  };
  const isWaiting = (subject: string, purpose: string): boolean => {
    if (!later.has(purpose)) return !current().purposes.some(({ id }) => id === purpose);
    return (
      choices.get<boolean>(subject, 'policy', `yes:${purpose}`) === undefined && !agreed(subject).purposes.some(({ id }) => id === purpose)
    );
  };
  note();
  look();

  return {
    look,
    current,
    versions: () => versions,
    agreed,
    isWaiting,
    waiting: (subject) => current().purposes.filter(({ id }) => later.has(id) && isWaiting(subject, id)),
    agree(subject, purposes, nowUtcMs) {
      const { hash, purposes: named } = current();
      const open = named.filter(({ id }) => isWaiting(subject, id)).map(({ id }) => id);
      // What they agreed to by their version so far stays agreed, and what they did not say yes to goes on waiting.
      const before = agreed(subject).purposes.map(({ id }) => id);
      for (const { id } of named)
        if (before.includes(id) || (open.includes(id) && purposes.includes(id)))
          choices.set(subject, 'policy', `yes:${id}`, true, nowUtcMs);
      choices.set(subject, 'policy', 'seen', hash, nowUtcMs);
      if (named.every(({ id }) => !isWaiting(subject, id))) choices.set(subject, 'policy', 'agreed', hash, nowUtcMs);
    },
    get trouble() {
      return trouble;
    },
  };
}
