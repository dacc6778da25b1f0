/** One chip that gives values, kept going for ever: opened, read, and opened again after every failure, without its neighbours noticing. */
import { ChipError } from '../chips/chip-error.ts';
import type { ChipOfValues, Values } from '../chips/chip-reading.ts';
import type { Clock } from '../protocol/time.ts';
import { named, type OpenChip } from './open-chip.ts';

const FIRST_RETRY_MS = 500;
/** A person who mends a wire looks at the page; ten seconds is as long as they wait. */
const LONGEST_RETRY_MS = 10_000;
/** A burst of wrong checksums passes by; so many in a row are a bad wire, or the wrong chip. */
const MOST_SPOILED = 10;

export type ChipState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'warming-up'; readonly message: string }
  | { readonly kind: 'running' }
  | { readonly kind: 'fault'; readonly message: string };

export interface KeepChipOptions {
  readonly name: string;
  readonly open: () => Promise<OpenChip<ChipOfValues>>;
  readonly everyMs: number;
  readonly silentMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onValues: (values: Values) => void;
  readonly onSpoiled: () => void;
  /** CO2 of the air that the chip is to take for known now, asked before each reading; and what came of it, in words. */
  readonly knownCo2Ppm?: () => number | undefined;
  readonly onRecalibrated?: (words: string) => void;
  readonly onState: (state: ChipState) => void;
}

export async function keepChip(options: KeepChipOptions): Promise<void> {
  const { open, clock, signal, onState } = options;
  let waitMs = FIRST_RETRY_MS;
  while (!signal.aborted) {
    let opened: OpenChip<ChipOfValues> | undefined;
    try {
      opened = await open();
      await readOn(opened.chip, options, () => {
        waitMs = FIRST_RETRY_MS;
      });
    } catch (error) {
      if (!signal.aborted) onState({ kind: 'fault', message: error instanceof Error ? error.message : String(error) });
    } finally {
      // Nothing to say where stopping fails: the chip is gone or will be opened anew.
      if (signal.aborted) await opened?.chip.stop?.().catch(() => undefined);
      await opened?.close();
    }
    if (signal.aborted) return;
    await clock.sleep(waitMs, signal).catch(() => undefined);
    waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS);
  }
}

/** Reads until the signal, silence, or an error. */
async function readOn(chip: ChipOfValues, options: KeepChipOptions, onWell: () => void): Promise<void> {
  const { name, everyMs, silentMs, clock, signal, knownCo2Ppm, onRecalibrated, onValues, onSpoiled, onState } = options;
  let heardAtMs: number = clock.monotonic();
  let spoiledInARow = 0;
  while (!signal.aborted) {
    const co2Ppm = knownCo2Ppm?.();
    if (co2Ppm !== undefined) onRecalibrated?.(await recalibrated(name, chip, co2Ppm));
    const reading = await chip.read().catch((error: unknown) => {
      if (error instanceof ChipError && error.kind === 'checksum') return { kind: 'spoiled', message: error.message } as const;
      throw named(name, error);
    });
    const nowMs = clock.monotonic();
    if (reading.kind === 'spoiled') {
      onSpoiled();
      if (++spoiledInARow >= MOST_SPOILED) throw new Error(`${reading.message} (${spoiledInARow} in a row)`);
    } else spoiledInARow = 0;
    if (reading.kind === 'values') {
      heardAtMs = nowMs;
      onWell();
      onState({ kind: 'running' });
      onValues(reading.values);
    } else if (reading.kind === 'warming-up') {
      heardAtMs = nowMs;
      onState(reading);
    } else if (nowMs - heardAtMs > silentMs) {
      throw new Error(`${name} gave no value for ${Math.round((nowMs - heardAtMs) / 1000)} s: check its supply and its wires`);
    }
    if (everyMs > 0) await clock.sleep(everyMs, signal).catch(() => undefined);
  }
}

async function recalibrated(name: string, chip: ChipOfValues, co2Ppm: number): Promise<string> {
  if (chip.recalibrate === undefined) return `${name} cannot be told what the air holds: correct it by an offset`;
  try {
    const byPpm = await chip.recalibrate(co2Ppm);
    return `${name} takes this air for known from now on, and reads ${byPpm > 0 ? '+' : ''}${byPpm} ppm`;
  } catch (error) {
    if (error instanceof ChipError) return error.message;
    throw error;
  }
}
