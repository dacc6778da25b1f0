/**
 * Records clips of events: what the camera saw in the seconds before is held in memory, and written with what follows once something moves.
 * Nothing is on disk before that, and nothing after it but sealed groups of pictures.
 */
import type { AccessUnit } from './access-unit.ts';

/** Seen before something moved: from the door to the middle of a room. */
export const PRE_ROLL_MS = 5000;
/** What the camera saw before may not grow with its bitrate. */
export const MOST_PRE_ROLL_BYTES = 16 * 2 ** 20;
/** A camera that makes no key frame for long: what there is goes into the file in pieces. */
const MOST_HELD_BYTES = 4 * 2 ** 20;
/** One that goes on is cut here and followed by another: each can be looked at, and let go, by itself. */
export const MOST_CLIP_MS = 60_000;

export interface OpenClip {
  /** Pictures from a key frame on, with ms since the clip's first. Throws when the disk does not take them. */
  write(units: readonly AccessUnit[]): void;
  close(): void;
}

export interface RecordedClip {
  readonly name: string;
  /** From its first picture until now. */
  readonly beganMsAgo: number;
  readonly lastsMs: number;
  readonly pictures: number;
  readonly bytes: number;
}

export interface ClipRecorder {
  /** Each picture of the camera, in order. */
  unit(unit: AccessUnit, nowMs: number): void;
  /** Whether something moves now. */
  moving(isMoving: boolean, nowMs: number): void;
  /** Ends what is being recorded, and forgets what was held. */
  stop(nowMs: number): void;
}

interface Group {
  readonly units: AccessUnit[];
  readonly beganMs: number;
  bytes: number;
}

interface Recording {
  readonly name: string;
  readonly file: OpenClip;
  readonly firstAtMs: number;
  readonly beganMs: number;
  lastAtMs: number;
  pictures: number;
  bytes: number;
}

/**
 * @param open begins a file and gives its name; undefined while nothing may be recorded
 * @param onClip a clip is whole on disk
 * @param onTrouble the disk did not take it: that clip ends
 */
export function createClipRecorder(
  open: () => { readonly name: string; readonly file: OpenClip } | undefined,
  onClip: (clip: RecordedClip) => void,
  onTrouble: (error: unknown) => void,
): ClipRecorder {
  /** Whole groups of pictures, from key frame to key frame, the last one still growing. */
  let groups: Group[] = [];
  let recording: Recording | undefined;
  let isMoving = false;

  const write = (group: Group): void => {
    if (recording === undefined || group.units.length === 0) return;
    const { firstAtMs } = recording;
    recording.file.write(group.units.map((unit) => ({ ...unit, atMs: unit.atMs - firstAtMs })));
    recording.lastAtMs = group.units.at(-1)!.atMs;
    recording.pictures += group.units.length;
    recording.bytes += group.bytes;
  };
  const end = (nowMs: number): void => {
    const was = recording;
    recording = undefined;
    if (was === undefined) return;
    was.file.close();
    const { name, firstAtMs, lastAtMs, beganMs, pictures, bytes } = was;
    if (pictures > 0) onClip({ name, beganMsAgo: nowMs - beganMs, lastsMs: lastAtMs - firstAtMs, pictures, bytes });
  };
  const tryOrEnd = (act: () => void, nowMs: number): void => {
    try {
      act();
    } catch (error) {
      end(nowMs);
      onTrouble(error);
    }
  };
  const begin = (): void => {
    const [first] = groups;
    if (first?.units[0] === undefined) return;
    const opened = open();
    if (opened === undefined) return;
    recording = {
      ...opened,
      firstAtMs: first.units[0].atMs,
      beganMs: first.beganMs,
      lastAtMs: first.units[0].atMs,
      pictures: 0,
      bytes: 0,
    };
    // The last one still grows; it is written when the next begins.
    for (const group of groups.slice(0, -1)) write(group);
    groups = groups.slice(-1);
  };

  return {
    unit(unit, nowMs) {
      const last = groups.at(-1);
      if (unit.isKey) {
        if (recording !== undefined && last !== undefined) {
          tryOrEnd(() => write(last), nowMs);
          groups = [];
          if (!isMoving) end(nowMs);
          else if (recording !== undefined && nowMs - recording.beganMs >= MOST_CLIP_MS) end(nowMs);
        }
        groups.push({ units: [unit], beganMs: nowMs, bytes: unit.bytes.length });
        if (recording === undefined && isMoving) tryOrEnd(begin, nowMs);
      } else if (last !== undefined) {
        last.units.push(unit);
        last.bytes += unit.bytes.length;
        if (recording !== undefined && last.bytes > MOST_HELD_BYTES) {
          tryOrEnd(() => write(last), nowMs);
          groups = [{ units: [], beganMs: nowMs, bytes: 0 }];
        }
      }
      if (recording !== undefined) return;
      // The oldest goes when the one after it reaches far enough back by itself.
      while (groups.length > 1 && nowMs - groups[1]!.beganMs >= PRE_ROLL_MS) groups.shift();
      while (groups.length > 0 && groups.reduce((sum, { bytes }) => sum + bytes, 0) > MOST_PRE_ROLL_BYTES) groups.shift();
    },
    moving(next, nowMs) {
      if (next && !isMoving && recording === undefined) tryOrEnd(begin, nowMs);
      isMoving = next;
    },
    stop(nowMs) {
      const last = groups.at(-1);
      if (recording !== undefined && last !== undefined) tryOrEnd(() => write(last), nowMs);
      end(nowMs);
      groups = [];
      isMoving = false;
    },
  };
}
