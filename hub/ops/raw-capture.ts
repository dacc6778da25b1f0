/**
 * Raw samples of the devices that the household named, from their links into files beside the vault of whose device it is. Off unless it
 * is set: they are for who looks into a signal. What belongs to nobody that is known, or comes while the time is not known, is not kept.
 */
import type { RawSamples } from '../../firmware/protocol/samples.ts';
import type { Keeping } from './keeping.ts';

/** Batches whose start is off by so much of their length still follow on the last: a chip's clock is some per cent fast or slow. */
const TOLERANCE = 0.1;
const TOLERANCE_PERIODS = 2;
/** Times within one recording follow from its start and its rate: when that is off by so much, a new one begins. */
const MOST_DRIFT_MS = 1000;
/** A disk that refuses is asked again after this. */
const PAUSE_MS = 60_000;

export interface RawCaptureOptions {
  readonly devices: readonly string[];
  readonly keeping: Pick<Keeping, 'capture'> & { readonly clock: { readonly isKnown: boolean; monotonic(): number } };
  /** Whose a device is; undefined while nobody knows. */
  readonly subjectOf: (device: string) => string | undefined;
  readonly command: (device: string, command: { readonly name: 'capture'; readonly isOn: boolean }) => boolean;
  readonly failed: (message: string) => void;
}

export interface RawCaptures {
  /** A device is there: it is asked for its samples when it was named. */
  met(device: string): void;
  take(device: string, boot: number, samples: RawSamples, startUtcMs: number): void;
}

interface Recording {
  readonly boot: number;
  readonly subject: string;
  readonly rateHz: number;
  /** Device monotonic milliseconds at which the next sample belongs. */
  nextAt: number;
  /** UTC of the next sample, counted from the recording's start. */
  nextUtcMs: number;
}

export function openRawCaptures({ devices, keeping, subjectOf, command, failed }: RawCaptureOptions): RawCaptures {
  const wanted = new Set(devices);
  const recordings = new Map<string, Recording>();
  let pausedToMs = Number.NEGATIVE_INFINITY;

  return {
    met(device) {
      if (wanted.has(device)) command(device, { name: 'capture', isOn: true });
    },
    take(device, boot, { channels, rateHz, firstAt, columns }, startUtcMs) {
      const subject = subjectOf(device);
      const isPaused = keeping.clock.monotonic() < pausedToMs;
      if (!wanted.has(device) || subject === undefined || !keeping.clock.isKnown || isPaused) {
        recordings.delete(device);
        return;
      }
      const count = columns[0]!.length;
      const longMs = (count * 1000) / rateHz;
      const known = recordings.get(device);
      const offMs = known === undefined ? 0 : Math.abs(firstAt - known.nextAt);
      const follows =
        known !== undefined &&
        known.boot === boot &&
        known.subject === subject &&
        known.rateHz === rateHz &&
        offMs <= (TOLERANCE_PERIODS * 1000) / rateHz + TOLERANCE * longMs &&
        Math.abs(startUtcMs - known.nextUtcMs) <= MOST_DRIFT_MS;
      const fromUtcMs = follows ? known.nextUtcMs : startUtcMs;
      try {
        // A file of the store holds what follows on by its own times: one that does not is given its own.
        if (!keeping.capture(subject, device, channels, rateHz, fromUtcMs, columns)) {
          pausedToMs = keeping.clock.monotonic() + PAUSE_MS;
          recordings.delete(device);
          return;
        }
      } catch (error) {
        pausedToMs = keeping.clock.monotonic() + PAUSE_MS;
        recordings.delete(device);
        failed(`raw samples of ${device} are not kept for a minute: ${error instanceof Error ? error.message : error}`);
        return;
      }
      recordings.set(device, { boot, subject, rateHz, nextAt: firstAt + longMs, nextUtcMs: fromUtcMs + longMs });
    },
  };
}
