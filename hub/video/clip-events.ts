/**
 * Motion before the camera decides when a clip is recorded: the part of it that runs in the video program. Nothing is looked at, held or
 * written until the hub says where clips go; it says so only while the household wants them.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import type { Camera } from '../sources/camera.ts';
import type { AccessUnit } from './access-unit.ts';
import { clipHeadLine, sealGroup } from './clip-file.ts';
import { type ClipRecorder, createClipRecorder, type OpenClip, type RecordedClip } from './clip-recorder.ts';
import { type KeyPictures, startKeyPictures } from './key-pictures.ts';
import { greyOf, initialMotion, MOTION_CELLS, motionStep } from './motion.ts';
import { RAW_CLIP_FPS, type RawClips, startRawClips } from './raw-clips.ts';

/** Raw pictures are compared so often. */
const LOOK_EACH_MS = 400;
/** A decoder that gives no more pictures must not let an event last for ever. */
const BLIND_MS = 15_000;

export interface ClipPlace {
  readonly folder: string;
  /** 32 bytes that seal clips and nothing else, base64url. */
  readonly key: string;
}

export interface ClipEvents {
  /** Each raw picture; not kept. */
  frame(frame: Uint8ClampedArray, nowMs: number): void;
  /** Each encoded picture. */
  unit(unit: AccessUnit, nowMs: number): void;
  /** Whether something is heard now. */
  sound(isLoud: boolean, nowMs: number): void;
  /** Where clips go from now on; null: nowhere, and what is held is forgotten. */
  place(place: ClipPlace | null, nowMs: number): void;
  /** The camera's program begins anew: its times too. */
  restart(nowMs: number): void;
}

export function startClipEvents(
  camera: Camera,
  monotonic: () => number,
  onClip: (clip: RecordedClip & { readonly cause: 'motion' | 'sound' }) => void,
  onTrouble: (error: unknown) => void,
): ClipEvents {
  const { name, width, height, gives } = camera;
  const grey = new Uint8Array(MOTION_CELLS);
  let place: ClipPlace | null = null;
  let motion = initialMotion;
  let lookedMs = Number.NEGATIVE_INFINITY;
  let pictures: KeyPictures | undefined;
  let isLoud = false;
  /** Of the clip that is recorded: what began it. */
  let cause: 'motion' | 'sound' = 'motion';
  let raw: { readonly clips: RawClips; fromMs: number } | undefined;

  const open = (): { name: string; file: OpenClip } | undefined => {
    if (place === null) return undefined;
    const clip = randomBytes(10).toString('hex');
    return { name: clip, file: openClipFile(place, { form: 1, name: clip, camera: name, width, height }) };
  };
  const recorder: ClipRecorder = createClipRecorder(open, (clip) => onClip({ ...clip, cause }), onTrouble);
  const isWanted = (): boolean => motion.movingSinceMs !== undefined || isLoud;
  const tell = (was: boolean, nowMs: number): void => {
    const is = isWanted();
    if (is === was) return;
    if (is) cause = motion.movingSinceMs === undefined ? 'sound' : 'motion';
    recorder.moving(is, nowMs);
    if (!is) raw?.clips.end();
  };

  const look = (picture: Uint8Array, nowMs: number): void => {
    lookedMs = nowMs;
    const was = isWanted();
    motion = motionStep(motion, picture, nowMs);
    tell(was, nowMs);
  };
  const forget = (nowMs: number): void => {
    recorder.stop(nowMs);
    pictures?.stop();
    pictures = undefined;
    raw?.clips.stop();
    raw = undefined;
    motion = initialMotion;
  };
  return {
    frame(frame, nowMs) {
      if (place === null) return;
      raw ??= {
        clips: startRawClips(
          { width, height },
          (unit) => recorder.unit(unit, (raw?.fromMs ?? 0) + unit.atMs),
          () => recorder.stop(monotonic()),
        ),
        fromMs: 0,
      };
      raw.clips.frame(frame, nowMs);
      if (isWanted() && !raw.clips.isEncoding) {
        raw.fromMs = nowMs - raw.clips.begin() * (1000 / RAW_CLIP_FPS);
        if (raw.clips.isEncoding) recorder.moving(true, nowMs);
      }
      if (nowMs - lookedMs < LOOK_EACH_MS) return;
      greyOf(frame, width, height, grey);
      look(grey, nowMs);
    },
    unit(unit, nowMs) {
      if (place === null || gives === 'i420') return;
      pictures ??= startKeyPictures((picture) => look(picture, monotonic()));
      pictures.unit(unit, nowMs);
      recorder.unit(unit, nowMs);
      if (motion.movingSinceMs === undefined || nowMs - lookedMs < BLIND_MS) return;
      motion = initialMotion;
      tell(true, nowMs);
    },
    sound(next, nowMs) {
      const was = isWanted();
      isLoud = next;
      if (place !== null) tell(was, nowMs);
    },
    place(next, nowMs) {
      if (next?.folder === place?.folder && next?.key === place?.key) return;
      forget(nowMs);
      place = next;
    },
    restart: forget,
  };
}

function openClipFile({ folder, key }: ClipPlace, head: Parameters<typeof clipHeadLine>[0]): OpenClip {
  const handle = openSync(`${folder}/${head.name}.clip`, 'wx', 0o600);
  const sealKey = Buffer.from(key, 'base64url');
  let group = 0;
  writeSync(handle, clipHeadLine(head));
  return {
    write(units) {
      writeSync(handle, sealGroup(sealKey, head.name, group++, units));
      fsyncSync(handle);
    },
    close: () => closeSync(handle),
  };
}
