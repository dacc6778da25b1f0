/**
 * What a family of body scales is to the hub: how it is opened, what its notifications say, when a weigh-in is whole. A family
 * is a value with pure functions; `session.ts` makes a state machine of it, and the radio process does what the machine asks.
 */

import type { QuantityId } from '../../../../../firmware/protocol/quantities.ts';
import type { FormulaId } from '../../../../../firmware/signal/body-composition/formulas.ts';
import type { BleValue } from '../../advertisement.ts';
import type { CivilTime } from '../civil-time.ts';

/** The person whom a scale is told about, so that it computes, or so that it answers at all. */
export interface ScaleProfile {
  readonly heightCm: number;
  readonly ageYears: number;
  readonly sex: 'male' | 'female';
  readonly athlete?: boolean;
  readonly birthDate?: { readonly year: number; readonly month: number; readonly day: number };
  /** Some scales finish only near the weight that they knew. */
  readonly lastWeightKg?: number;
  /** The person's number on the scale, from 1. */
  readonly userSlot?: number;
  /** Code agreed when the person was registered on the scale. */
  readonly consentCode?: number;
  /** Create a person on the scale rather than consent as one: takes a slot of a few. */
  readonly register?: boolean;
  /** Fill what the scale does not know of the person; what it knows stays. */
  readonly provision?: boolean;
  /** What the scale's own display shows; kg if absent. */
  readonly displayUnit?: 'kg' | 'lb' | 'st';
  /** What a scale handed out when it was paired: 4 bytes (Transtek) or 16 (Omron). */
  readonly pairingKey?: Uint8Array;
  /** Up to when the hub has the device's log, by quantity: UTC ms. */
  readonly loggedUntil?: Readonly<Record<string, number>>;
}

/** The hub's time where it is known: a scale is never set to a time that nobody knows. */
export interface ScaleTime {
  readonly utcMs: number;
  readonly zoneMinutes: number;
  readonly civil: CivilTime;
}

export interface Connection {
  /** `CF:E6:03:1D:09:F7`; null where the radio does not tell it. */
  readonly address: string | null;
  readonly name: string | null;
  /** Every characteristic that the scale has, as `shortUuid` writes it. */
  readonly characteristics: ReadonlySet<string>;
  /** At least 16 random bytes, drawn anew for each connection. */
  readonly random: Uint8Array;
}

export interface ScaleContext {
  readonly profile: ScaleProfile;
  readonly connection: Connection;
  readonly time: ScaleTime | null;
  /** Monotonic ms of the event. */
  readonly at: number;
  /** Of the opening of the link, at which `time` was told; the event's own before. */
  readonly openedAt: number;
}

/** What the session asks of the radio, in order. */
export type ScaleRequest =
  | { readonly kind: 'subscribe'; readonly characteristic: string }
  | { readonly kind: 'read'; readonly characteristic: string }
  | { readonly kind: 'write'; readonly characteristic: string; readonly bytes: Uint8Array; readonly withResponse: boolean }
  /** Let so long pass before the next request. */
  | { readonly kind: 'wait'; readonly ms: number }
  /** Send a timer event after so long. */
  | { readonly kind: 'timer'; readonly ms: number }
  /** Something to keep for the next connection to this scale: a slot it assigned, a key it handed out. */
  | {
      readonly kind: 'remember';
      readonly userSlot?: number;
      readonly pairingKey?: Uint8Array;
      readonly loggedUntil?: Readonly<Record<string, number>>;
    }
  /** Records of the device's log, so far apart: kept where nothing was heard at their time. */
  | { readonly kind: 'log'; readonly spacingMs: number; readonly records: readonly LogEntry[] }
  /** The scale refuses, or lacks what is needed: what, and what to do. */
  | { readonly kind: 'refused'; readonly reason: string; readonly remedy: string };

/** A record of a device's own log: how long ago it ended, how long it was, and what it says. */
export interface LogEntry {
  readonly agoMs: number;
  readonly spanMs?: number;
  readonly values: readonly BleValue[];
}

/** What a notification says about a weigh-in. */
export interface Weighing {
  /** Weight in kg first; what the scale computed itself beside it. Never a value that is not measured. */
  readonly values: readonly BleValue[];
  /**
   * `live`: still moving; `settled`: the weight is good and more may come; `final`: nothing more comes;
   * `stored`: a record of an earlier weigh-in, whole in itself.
   */
  readonly progress: 'live' | 'settled' | 'final' | 'stored';
  /** The scale's own clock, as it wrote it. */
  readonly deviceTime?: string;
  /** How long ago the scale says that it was. */
  readonly agoMs?: number;
  readonly userSlot?: number;
}

export interface Heard<M> {
  readonly memory: M;
  readonly weighing?: Weighing;
  /** Further stored weigh-ins of the same notification. */
  readonly also?: readonly Weighing[];
  readonly requests?: readonly ScaleRequest[];
}

export interface ScaleFamily<M> {
  readonly id: string;
  /** Product family as households know it. */
  readonly model: string;
  /** What to subscribe, in order; those that the scale lacks are left out. */
  readonly subscribe: readonly string[];
  /** What makes a settled weigh-in whole. */
  readonly whole: readonly QuantityId[];
  /** How long after the weight settled the rest may come. */
  readonly holdMs: number;
  /** Hang up when the device said nothing for so long. Absent: it hangs up itself, or says its last word. */
  readonly idleMs?: number;
  /** Let it rest for so long after a session, ms; absent: as long as a scale's display is lit. */
  readonly restMs?: number;
  /** The same where its broadcasts tell its values: a connection brings only what was missed. */
  readonly restWhenHeardMs?: number;
  /** It is worn, and measures for as long as the link holds: no session is too long. */
  readonly stays?: boolean;
  /** Its clock is set to the home's once it was read, where it has one. */
  readonly setsTime?: boolean;
  /** It speaks frames: the characteristics of its line, in both directions. */
  readonly line?: { readonly from: string; readonly to: string };
  /** How composition follows from the impedance, where the scale does not compute it. */
  readonly formula?: FormulaId;
  readonly memory: () => M;
  /** `held` is what was heard before the word that the connection is open. */
  readonly connected?: (context: ScaleContext, held: M) => Heard<M>;
  /** The hub's time became known during the session. */
  readonly timeKnown?: (memory: M, context: ScaleContext) => Heard<M>;
  readonly heard: (memory: M, characteristic: string, bytes: Uint8Array, context: ScaleContext) => Heard<M>;
  /** The answer to a read; null when it was refused. */
  readonly answered?: (memory: M, characteristic: string, bytes: Uint8Array | null, context: ScaleContext) => Heard<M>;
  readonly timer?: (memory: M, context: ScaleContext) => Heard<M>;
}

/** Values that were measured: a number, finite and above zero. Nothing a scale weighs is zero. */
export function valuesOf(values: Partial<Record<QuantityId, number | undefined>>): BleValue[] {
  return Object.entries(values).flatMap(([quantity, value]) =>
    value !== undefined && Number.isFinite(value) && value > 0 ? [{ quantity: quantity as QuantityId, value }] : [],
  );
}

/** Heaviest person that any scale here weighs, kg: above it a frame is not understood. */
export const MAX_WEIGHT_KG = 300;

/** A weigh-in, or nothing where the weight is none that a scale could have shown. */
export function weighing(
  values: Partial<Record<QuantityId, number | undefined>>,
  progress: Weighing['progress'],
  extra: Omit<Weighing, 'values' | 'progress'> = {},
): { readonly weighing?: Weighing } {
  const { weight } = values;
  if (weight === undefined || !(weight > 0) || weight > MAX_WEIGHT_KG) return {};
  return { weighing: { values: valuesOf(values), progress, ...extra } };
}

export const write = (characteristic: string, bytes: ArrayLike<number>, withResponse = false): ScaleRequest => ({
  kind: 'write',
  characteristic,
  bytes: Uint8Array.from(bytes),
  withResponse,
});
export const wait = (ms: number): ScaleRequest => ({ kind: 'wait', ms });
export const timer = (ms: number): ScaleRequest => ({ kind: 'timer', ms });

/** Nothing to remember between notifications. */
export const nothing = (): null => null;
