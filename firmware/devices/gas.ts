/** The gas indices of an SGP4x, one sample a second, with what they have learned of the room kept over restarts. */
import type { Values } from '../chips/chip-reading.ts';
import { type GasIndexKind, type GasIndexState, processGasIndex, resumeGasIndex, startGasIndex } from '../signal/air/gas-index.ts';
import type { Kept } from '../state.ts';

/** Twice within the time after which a kept state is too old to go on from. */
const SAVE_EVERY_MS = 300_000;

export interface KeptGas {
  /** When it was kept, UTC milliseconds. */
  readonly savedUtcMs: number;
  readonly voc: GasIndexState;
}

export const isKeptGas = (value: unknown): value is KeptGas =>
  typeof value === 'object' &&
  value !== null &&
  'savedUtcMs' in value &&
  typeof value.savedUtcMs === 'number' &&
  'voc' in value &&
  typeof value.voc === 'object' &&
  value.voc !== null &&
  'kind' in value.voc &&
  value.voc.kind === 'voc';

export interface GasIndices {
  /** Adds the indices to raw signals; 0, which the algorithm gives while it does not know yet, is left out. */
  of(values: Values, nowMs: number, utcMs: number): Values;
}

export function createGasIndices(kept: Kept<KeptGas>, startUtcMs: number): GasIndices {
  const before = kept.load();
  const states: Record<GasIndexKind, GasIndexState> = {
    voc: before === undefined ? startGasIndex('voc') : resumeGasIndex(before.voc, (startUtcMs - before.savedUtcMs) / 1000),
    nox: startGasIndex('nox'),
  };
  let savedMs: number | undefined;
  const next = (kind: GasIndexKind, ticks: number): number | undefined => {
    const { state, index } = processGasIndex(states[kind], ticks);
    states[kind] = state;
    return index > 0 ? index : undefined;
  };
  return {
    of(values, nowMs, utcMs) {
      const voc = values.voc_ticks === undefined ? undefined : next('voc', values.voc_ticks);
      const nox = values.nox_ticks === undefined ? undefined : next('nox', values.nox_ticks);
      savedMs ??= nowMs;
      if (values.voc_ticks !== undefined && nowMs - savedMs >= SAVE_EVERY_MS) {
        savedMs = nowMs;
        kept.save({ savedUtcMs: utcMs, voc: states.voc });
      }
      return { ...values, ...(voc === undefined ? {} : { voc_index: voc }), ...(nox === undefined ? {} : { nox_index: nox }) };
    },
  };
}
