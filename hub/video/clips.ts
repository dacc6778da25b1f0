/**
 * Clips of events as the hub keeps them: whether the household wants them, where they are, and what goes first. Each is a sealed file beside
 * the home's vault (clip-file.ts), whose log says when it was recorded and why.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { HOME } from '../people/subjects.ts';
import type { Store } from '../store/store.ts';
import type { AccessUnit } from './access-unit.ts';
import type { ClipPlace } from './clip-events.ts';
import { CLIP_NAME, clipHeadOf, clipUnits } from './clip-file.ts';
import { openOffSwitch } from './off-switch.ts';

/** Some hours of a camera of 2 Mbit/s; the oldest go first. */
export const MOST_CLIP_BYTES = 2 * 2 ** 30;
/** What moved a month ago is nobody's business any more. */
export const CLIP_DAYS = 30;
const DAY_MS = 86_400_000;
/** A file that the log does not know is being written, or a power cut left it. */
const WRITING_MS = 120_000;

export interface Clip {
  readonly name: string;
  readonly camera: string;
  readonly startMs: number;
  readonly lastsMs: number;
  readonly pictures: number;
  readonly bytes: number;
  readonly cause: string;
}

export interface ClipsState {
  /** The household wants them. */
  readonly isOn: boolean;
  /** Why none are recorded though they are wanted. */
  readonly held: '' | 'objection' | 'disk';
  readonly by: string;
  readonly sinceUtcMs: number | null;
}

export interface Clips {
  state(): ClipsState;
  /** On disk when this returns. */
  set(isOn: boolean, by: string): void;
  /** Where the video program may write; null: it must not. */
  place(): ClipPlace | null;
  /** A clip is whole. */
  recorded(clip: Omit<Clip, 'bytes' | 'camera'>): Promise<void>;
  /** Newest first. */
  list(): Clip[];
  /** Its pictures; undefined when there is no such clip. */
  pictures(
    name: string,
  ): { readonly clip: Clip; readonly units: AccessUnit[]; readonly width: number; readonly height: number } | undefined;
  has(name: string): boolean;
  remove(name: string): boolean;
  /** Bytes freed; 0 when there is none. */
  dropOldest(): number;
  /** Lets go what is too old or too much. */
  tidy(): void;
}

export interface ClipsOptions {
  readonly data: string;
  readonly store: Store;
  /** Somebody of the household objected: a camera cannot tell them from the others. */
  readonly isObjected: () => boolean;
  readonly hasRoom: () => boolean;
  readonly now: () => number;
}

export function openClips({ data, store, isObjected, hasRoom, now }: ClipsOptions): Clips {
  const folder = `${data}/clips/${HOME}`;
  const kept = openOffSwitch(`${data}/clips.json`, now);
  const files = (): { name: string; bytes: number; changedMs: number }[] =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((file) => file.endsWith('.clip'))
          .map((file) => {
            const { size, mtimeMs } = statSync(`${folder}/${file}`);
            return { name: file.slice(0, -'.clip'.length), bytes: size, changedMs: mtimeMs };
          })
      : [];
  const list = (): Clip[] => {
    const there = new Map(files().map((file) => [file.name, file]));
    if (there.size === 0) return [];
    return store
      .vault(HOME)
      .ofKind('clip')
      .flatMap((entry) => {
        const file = entry.kind === 'clip' ? there.get(entry.name) : undefined;
        if (entry.kind !== 'clip' || file === undefined) return [];
        const { name, camera, startMs, lastsMs, pictures, cause } = entry;
        return [{ name, camera, startMs, lastsMs, pictures, bytes: file.bytes, cause }];
      })
      .sort((a, b) => b.startMs - a.startMs);
  };
  const remove = (name: string): number => {
    const file = files().find((one) => one.name === name);
    if (file === undefined) return 0;
    rmSync(`${folder}/${name}.clip`);
    return file.bytes;
  };
  const headOf = (name: string): ReturnType<typeof clipHeadOf> => clipHeadOf(readFileSync(`${folder}/${name}.clip`));
  const held = (): ClipsState['held'] => (isObjected() ? 'objection' : hasRoom() ? '' : 'disk');
  const dropOldest = (): number => {
    const [oldest] = files().sort((a, b) => a.changedMs - b.changedMs);
    return oldest === undefined ? 0 : remove(oldest.name);
  };
  /** A clip that a power cut ended has no entry in the log: it is dated by its file. */
  const adopt = async (): Promise<void> => {
    const known = new Set(
      store
        .vault(HOME)
        .ofKind('clip')
        .map((entry) => (entry.kind === 'clip' ? entry.name : '')),
    );
    for (const { name, changedMs } of files()) {
      if (known.has(name) || now() - changedMs < WRITING_MS || !existsSync(`${folder}/${name}.clip`)) continue;
      const units = CLIP_NAME.test(name) ? [...clipUnits(readFileSync(`${folder}/${name}.clip`), store.clipKey(HOME))] : [];
      const lastsMs = units.at(-1)?.atMs ?? 0;
      if (units.length === 0) rmSync(`${folder}/${name}.clip`);
      else await clips.recorded({ name, startMs: changedMs - lastsMs, lastsMs, pictures: units.length, cause: 'motion' });
    }
  };
  const clips: Clips = {
    state: () => ({ ...kept.state, held: kept.state.isOn ? held() : '' }),
    set: kept.set,
    place() {
      if (!kept.state.isOn || held() !== '') return null;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return { folder, key: store.clipKey(HOME).toString('base64url') };
    },
    async recorded({ name, startMs, lastsMs, pictures, cause }) {
      const { camera } = headOf(name)?.head ?? { camera: '' };
      await store
        .vault(HOME)
        .record({ kind: 'clip', name, camera, startMs: Math.round(startMs), lastsMs: Math.round(lastsMs), pictures, cause }, 'hub');
      clips.tidy();
    },
    list,
    pictures(name) {
      const clip = list().find((one) => one.name === name);
      if (clip === undefined) return undefined;
      const bytes = readFileSync(`${folder}/${name}.clip`);
      const found = clipHeadOf(bytes);
      if (found === undefined) return undefined;
      const { width, height } = found.head;
      return { clip, units: [...clipUnits(bytes, store.clipKey(HOME))], width, height };
    },
    has: (name) => CLIP_NAME.test(name) && existsSync(`${folder}/${name}.clip`),
    remove: (name) => remove(name) > 0,
    dropOldest,
    tidy() {
      for (const { name, changedMs } of files()) if (now() - changedMs > CLIP_DAYS * DAY_MS) remove(name);
      for (let most = files().length; most > 0 && files().reduce((sum, { bytes }) => sum + bytes, 0) > MOST_CLIP_BYTES; most--)
        dropOldest();
    },
  };
  if (files().length > 0) void adopt().catch((error: unknown) => console.error(`a clip of before was not taken in: ${String(error)}`));
  return clips;
}
