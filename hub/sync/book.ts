/**
 * Targets that people added on the page or by the command line, with what each person allows each of them: one file, and one for each
 * secret, readable by the hub's user alone. A target that nobody allows anything gets nothing.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import type { Static } from 'typebox';
import { type Category, categories } from '../../firmware/protocol/quantities.ts';
import { mistakes } from '../../firmware/schema/check.ts';
import { Type } from '../../firmware/schema/type.ts';
import { writeFileAtomic } from '../ops/files.ts';
import { MOST_TARGETS, secretSettingOf, type TargetPlace, TargetSettings } from './settings.ts';

const Grant = Type.Object({
  subject: Type.String({ maxLength: 64 }),
  categories: Type.Array(Type.Enum([...categories])),
  sinceMs: Type.Integer(),
});
const Booked = Type.Object({
  place: Type.Omit(TargetSettings, ['people', 'categories']),
  mode: Type.Enum(['on', 'paused', 'leaving']),
  addedMs: Type.Integer(),
  grants: Type.Array(Grant),
});
const File = Type.Object({ targets: Type.Array(Booked), paused: Type.Array(Type.String()) });

export interface Grant {
  readonly subject: string;
  readonly categories: readonly Category[];
  readonly sinceMs: number;
}
export interface BookedTarget {
  readonly place: TargetPlace;
  readonly mode: 'on' | 'paused' | 'leaving';
  readonly addedMs: number;
  readonly grants: readonly Grant[];
}

/** Why a target cannot be added or changed, for the person who asks. */
export class BookError extends Error {
  override readonly name = 'BookError';
  readonly code: 'taken' | 'full' | 'unknown' | 'wrong' | 'fixed';

  constructor(code: BookError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface TargetBook {
  list(): readonly BookedTarget[];
  get(name: string): BookedTarget | undefined;
  /** The secret, if one is given, goes to a file of its own. Throws {@link BookError}. */
  add(place: TargetPlace, secret: string | undefined, nowUtcMs: number): BookedTarget;
  /** A new secret in place of the old one. Throws {@link BookError}. */
  setSecret(name: string, secret: string): BookedTarget;
  setMode(name: string, mode: BookedTarget['mode']): void;
  /** Whether it is paused, also one that the configuration names. */
  modeOf(name: string): BookedTarget['mode'];
  /** What a person allows a target from now on; an empty list is nothing. */
  setGrant(name: string, subject: string, categories: readonly Category[], nowUtcMs: number): void;
  grantOf(name: string, subject: string): Grant | undefined;
  /** With its secret. */
  remove(name: string): void;
  /** What a person allowed goes with them. */
  forget(subject: string): void;
}

/** Opens the book in sync's own folder. Throws when the file is damaged: what people allowed must not be guessed. */
export function openBook(folder: string): TargetBook {
  const file = `${folder}/targets.json`;
  const secrets = `${folder}/secrets`;
  const { targets: kept, paused: keptPaused } = load(file);
  const targets = new Map(kept.map((one) => [one.place.name, one]));
  const paused = new Set(keptPaused);
  const save = (): void => writeFileAtomic(file, JSON.stringify({ targets: [...targets.values()], paused: [...paused] }, null, 1));
  const change = (name: string, next: (before: BookedTarget) => BookedTarget): void => {
    const before = targets.get(name);
    if (before === undefined) throw new BookError('unknown', `no target that can be changed here is called '${name}'`);
    targets.set(name, next(before));
    save();
  };
  const keepSecret = (name: string, secret: string): string => {
    mkdirSync(secrets, { recursive: true, mode: 0o700 });
    writeFileAtomic(`${secrets}/${name}`, secret);
    return `${secrets}/${name}`;
  };
  return {
    list: () => [...targets.values()],
    get: (name) => targets.get(name),
    add(place, secret, nowUtcMs) {
      if (targets.has(place.name)) throw new BookError('taken', `the name '${place.name}' is taken: choose another`);
      if (targets.size >= MOST_TARGETS) throw new BookError('full', `${MOST_TARGETS} targets are the most: remove one first`);
      const setting = secretSettingOf(place.target);
      const whole = secret === undefined || setting === undefined ? place : { ...place, [setting]: keepSecret(place.name, secret) };
      const booked: BookedTarget = { place: whole, mode: 'on', addedMs: Math.round(nowUtcMs), grants: [] };
      targets.set(place.name, booked);
      save();
      return booked;
    },
    setSecret(name, secret) {
      const booked = targets.get(name);
      if (booked === undefined) throw new BookError('unknown', `no target that can be changed here is called '${name}'`);
      const setting = secretSettingOf(booked.place.target);
      if (setting === undefined) throw new BookError('wrong', `a ${booked.place.target} target has no secret`);
      const next = { ...booked, place: { ...booked.place, [setting]: keepSecret(name, secret) } };
      targets.set(name, next);
      save();
      return next;
    },
    setMode(name, mode) {
      if (targets.has(name)) return change(name, (before) => ({ ...before, mode }));
      if (mode === 'paused') paused.add(name);
      else paused.delete(name);
      save();
    },
    modeOf: (name) => targets.get(name)?.mode ?? (paused.has(name) ? 'paused' : 'on'),
    setGrant: (name, subject, allowed, nowUtcMs) =>
      change(name, (before) => {
        const others = before.grants.filter((one) => one.subject !== subject);
        const grant = { subject, categories: [...new Set(allowed)], sinceMs: Math.round(nowUtcMs) };
        return { ...before, grants: allowed.length === 0 ? others : [...others, grant] };
      }),
    grantOf: (name, subject) => targets.get(name)?.grants.find((one) => one.subject === subject),
    remove(name) {
      targets.delete(name);
      save();
      rmSync(`${secrets}/${name}`, { force: true });
    },
    forget(subject) {
      let isChanged = false;
      for (const [name, booked] of targets) {
        const grants = booked.grants.filter((one) => one.subject !== subject);
        isChanged ||= grants.length < booked.grants.length;
        targets.set(name, { ...booked, grants });
      }
      if (isChanged) save();
    },
  };
}

function load(file: string): { targets: BookedTarget[]; paused: string[] } {
  if (!existsSync(file)) return { targets: [], paused: [] };
  const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const [mistake] = mistakes(File, read);
  if (mistake !== undefined)
    throw new Error(`${file} is damaged at ${mistake.instancePath}: restore it from a backup, or move it away and add the targets again`);
  return read as Static<typeof File> as { targets: BookedTarget[]; paused: string[] };
}
