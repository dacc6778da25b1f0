/**
 * Changing, adding and taking out values (C3, C4). The value before stays in the history until it is erased; what was computed from it is
 * computed again, or taken out where that cannot be done from what is left. Every target hears of it through the log.
 */
import { randomBytes } from 'node:crypto';
import { isPlausible, type QuantityId, quantities } from '../../firmware/protocol/quantities.ts';
import { isFormulaId } from '../../firmware/signal/body-composition/compose.ts';
import type { FormulaId } from '../../firmware/signal/body-composition/formulas.ts';
import { humidityOf } from '../derived/air.ts';
import { bodyOf } from '../derived/body.ts';
import type { Derived } from '../derived/derived.ts';
import { type Day, dayIn } from '../people/age.ts';
import type { Identity } from '../people/identity.ts';
import type { NewMeasurement, StoredMeasurement, Vault } from '../store/vault.ts';

/** The device of what a person entered: `self-reported` in exports. */
export const BY_HAND = 'by-hand';
const DAY_MS = 86_400_000;

export class AmendError extends Error {
  override readonly name = 'AmendError';
  /** `missing`: no such value; `value`: not one of its quantity; `time`: before there were scales, or in the future; `quantity`: not entered by hand. */
  readonly kind: 'missing' | 'value' | 'time' | 'quantity';

  constructor(kind: AmendError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface AmendContext {
  readonly vault: Vault;
  readonly identity: Identity;
  readonly zone: string;
  /** `person:ID`. */
  readonly by: string;
}

/** What became of the values that were computed from the one that changed. */
export interface Followed {
  readonly recomputed: readonly { readonly seq: number; readonly quantity: QuantityId; readonly value: number }[];
  readonly removed: readonly { readonly seq: number; readonly quantity: QuantityId }[];
}

const idOf = ({ device, boot, sequence }: StoredMeasurement): string => `${device}/${boot}/${sequence}`;

function existing(vault: Vault, seq: number): StoredMeasurement {
  const measurement = vault.at(seq);
  if (measurement === undefined) throw new AmendError('missing', `there is no value at position ${seq}`);
  return measurement;
}

function needPlausible(quantity: QuantityId, value: number): void {
  const { min, max, unit, label } = quantities[quantity];
  if (!isPlausible(quantity, value)) throw new AmendError('value', `${label} is between ${min} and ${max} ${unit}, not ${value}`);
}

/** Gives a value another one. Rejects with AmendError. */
export async function amend(context: AmendContext, seq: number, value: number): Promise<Followed> {
  const { vault, by } = context;
  const measurement = existing(vault, seq);
  needPlausible(measurement.quantity, value);
  await vault.amend(seq, value, by);
  return follow(context, measurement);
}

/** Takes values out, with what was computed from them: nothing of them is left but that there was one. Rejects with AmendError. */
export async function takeOut(context: AmendContext, seqs: readonly number[]): Promise<Followed> {
  const { vault, by } = context;
  const measurements = seqs.map((seq) => existing(vault, seq));
  const removed = new Map<number, QuantityId>();
  for (const measurement of measurements)
    for (const seq of vault.computedFrom(idOf(measurement))) {
      const quantity = vault.at(seq)?.quantity;
      if (quantity !== undefined && !seqs.includes(seq)) removed.set(seq, quantity);
    }
  await vault.remove([...new Set([...seqs, ...removed.keys()])], by);
  return { recomputed: [], removed: [...removed].map(([seq, quantity]) => ({ seq, quantity })) };
}

/** Computes again what followed from a measurement. */
async function follow(context: AmendContext, { device, boot, sequence }: StoredMeasurement): Promise<Followed> {
  const { vault, by, identity, zone } = context;
  const recomputed: { seq: number; quantity: QuantityId; value: number }[] = [];
  const removed: { seq: number; quantity: QuantityId }[] = [];
  for (const seq of vault.computedFrom(`${device}/${boot}/${sequence}`)) {
    const derived = vault.at(seq);
    const provenance = vault.provenance(seq);
    if (derived === undefined || provenance === undefined) continue;
    const moment = inputsOf(vault, provenance.inputs, derived.end);
    // By the formula it was made by: a scale's family has its own.
    const formula = isFormulaId(provenance.algorithm) ? provenance.algorithm : undefined;
    const again = computedAgain(moment, identity, dayIn(zone, derived.end), formula).find(
      (one) => one.quantity === derived.quantity && one.algorithm === provenance.algorithm && one.version === provenance.version,
    );
    if (again === undefined) removed.push({ seq, quantity: derived.quantity });
    else {
      await vault.amend(seq, again.value, by);
      recomputed.push({ seq, quantity: derived.quantity, value: again.value });
    }
  }
  // It says something of a value that is no longer there: better nothing than that.
  if (removed.length > 0)
    await vault.remove(
      removed.map(({ seq }) => seq),
      by,
    );
  return { recomputed, removed };
}

const computedAgain = (
  moment: ReadonlyMap<string, StoredMeasurement>,
  identity: Identity,
  today: Day,
  formula: FormulaId | undefined,
): Derived[] => [...bodyOf(moment, identity, today, formula), ...humidityOf(moment)];

/** Inputs lie near what was computed from them. */
const NEAR_MS = 60_000;

function inputsOf(vault: Vault, ids: readonly string[], endMs: number): Map<string, StoredMeasurement> {
  const found = new Map<string, StoredMeasurement>();
  for (const row of vault.range({ fromMs: endMs - NEAR_MS, toMs: endMs + NEAR_MS }))
    if (ids.includes(idOf(row)) && row.flag === 'ok') found.set(row.quantity, row);
  return found;
}

/** A new boot with each start of the hub, so that numbers never meet. */
const bootByHand = randomBytes(4).readUInt32BE();
let sequenceByHand = 0;

export interface Entered {
  readonly quantity: QuantityId;
  readonly value: number;
  readonly atMs: number;
  readonly zoneMin?: number | null;
}

/** A value that a person enters. Throws AmendError. */
export function enteredRow({ quantity, value, atMs, zoneMin = null }: Entered, nowMs: number): NewMeasurement {
  const { category, code, label } = quantities[quantity];
  if (category !== 'body' && category !== 'activity') throw new AmendError('quantity', `${label} is of the home, not of a person`);
  needPlausible(quantity, value);
  if (!(atMs > 0 && atMs <= nowMs + DAY_MS)) throw new AmendError('time', 'this is no time at which something was measured');
  return {
    device: BY_HAND,
    boot: bootByHand,
    sequence: ++sequenceByHand,
    code,
    value,
    endUtcMs: atMs,
    spanMs: 0,
    timeQuality: 'device',
    zoneMin,
  };
}
