/** From the bytes of a camera's program to pictures: one way for each form that programs write. */
import type { Camera } from '../sources/camera.ts';
import type { AccessUnit } from './access-unit.ts';
import { createAnnexBReader } from './annex-b.ts';
import { createFlvReader } from './flv.ts';

export interface Intake {
  /** How many pictures became whole. Throws when the bytes are not what they should be. */
  take(chunk: Uint8Array): number;
  /** Where a picture's end shows by nothing else: the program has been silent for {@link SILENT_MS}, so the picture is over. */
  silent?(): number;
}

/**
 * A camera writes a picture in one go and the next one some 30 ms later. Shorter, and a busy machine would cut pictures in two; longer, and
 * the picture would be late.
 */
export const SILENT_MS = 6;

/** Raw I420. The frame given is one buffer, used again for each. */
export function rawIntake({ width, height }: Camera, onFrame: (frame: Uint8ClampedArray) => void): Intake {
  const frame = new Uint8ClampedArray((width * height * 3) / 2);
  return pieces(frame, () => onFrame(frame));
}

/** Pieces of one size, cut from what comes: `onPiece` is called whenever the buffer is full, and it is filled again from its beginning. */
export function pieces(buffer: Uint8Array | Uint8ClampedArray, onPiece: () => void): Intake {
  let filled = 0;
  return {
    take(chunk) {
      let whole = 0;
      for (let at = 0; at < chunk.length; ) {
        const part = Math.min(buffer.length - filled, chunk.length - at);
        buffer.set(chunk.subarray(at, at + part), filled);
        filled += part;
        at += part;
        if (filled < buffer.length) continue;
        filled = 0;
        whole++;
        onPiece();
      }
      return whole;
    },
  };
}

export function flvIntake(onUnit: (unit: AccessUnit) => void): Intake {
  const reader = createFlvReader();
  return {
    take(chunk) {
      const units = reader.take(chunk);
      for (const unit of units) onUnit(unit);
      return units.length;
    },
  };
}

export function annexBIntake(nowMs: () => number, onUnit: (unit: AccessUnit) => void): Intake {
  const reader = createAnnexBReader();
  return {
    take(chunk) {
      const units = reader.take(chunk, nowMs());
      for (const unit of units) onUnit(unit);
      return units.length;
    },
    silent() {
      const unit = reader.flush();
      if (unit === undefined) return 0;
      onUnit(unit);
      return 1;
    },
  };
}
