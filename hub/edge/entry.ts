/**
 * What an edge is told of a vault's log. Measurements travel as columns (see pack.ts); everything else in a log is a row of
 * its own kind. Positions are the vault's own: (hub, vault, seq) names an entry for ever.
 */
import type { Static } from 'typebox';
import type { TimeQuality } from '../../firmware/protocol/time.ts';
import { Type } from '../../firmware/schema/type.ts';

/** A measurement, in the quantity's unit; a value that is no number is null. */
export interface MeasuredEntry {
  readonly kind: 'measured';
  readonly seq: number;
  readonly device: string;
  readonly boot: number;
  readonly sequence: number;
  readonly code: number;
  readonly value: number | null;
  readonly endUtcMs: number;
  readonly spanMs: number;
  readonly timeQuality: TimeQuality;
  /** The hub does not know the time yet: a `redated` entry will move it, to `synced` when it was dated, not when only its arrival was. */
  readonly unset?: 'dated' | 'arrived' | undefined;
}

const Seq = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
export const OtherEntry = Type.Union([
  Type.Object({ kind: Type.Literal('amended'), seq: Seq, of: Seq, value: Type.Union([Type.Number(), Type.Null()]) }),
  Type.Object({ kind: Type.Literal('removed'), seq: Seq, of: Seq }),
  Type.Object(
    { kind: Type.Literal('redated'), seq: Seq, fromSeq: Seq, toSeq: Seq, shiftMs: Type.Number() },
    { description: 'measurements of [fromSeq, toSeq] whose time was estimated are shiftMs later, and synced' },
  ),
  Type.Object(
    { kind: Type.Literal('note'), seq: Seq, name: Type.String({ maxLength: 64 }), body: Type.String({ maxLength: 65_536 }) },
    { description: 'a gap, a calibration, and whatever a newer hub says: kept as it came' },
  ),
]);
export type OtherEntry = Static<typeof OtherEntry>;
export type Entry = MeasuredEntry | OtherEntry;

/** All that a hub ships of the positions (after, upTo] of a vault's log; positions without an entry were not for this edge. */
export interface Batch {
  readonly hub: string;
  readonly vault: string;
  readonly after: number;
  readonly upTo: number;
  readonly entries: readonly Entry[];
}

/**
 * The words of time quality in the order of their numbers on the wire and at rest, which are the vault's: 3 and 4 wait for a `redated`
 * entry, which makes 0 and 1 of them. So what was shipped after it was moved is not moved again.
 */
export const timeQualities: readonly TimeQuality[] = ['synced', 'estimated', 'device', 'estimated', 'estimated'];
const unsets = { dated: 3, arrived: 4 } as const;

export const qualityNumberOf = ({ timeQuality, unset }: Pick<MeasuredEntry, 'timeQuality' | 'unset'>): number =>
  unset === undefined ? timeQualities.indexOf(timeQuality) : unsets[unset];
/** What a number stands for; undefined for none of them. */
export function qualityOfNumber(number: number): Pick<MeasuredEntry, 'timeQuality' | 'unset'> | undefined {
  const timeQuality = timeQualities[number];
  if (timeQuality === undefined) return undefined;
  return number < unsets.dated ? { timeQuality } : { timeQuality, unset: number === unsets.dated ? 'dated' : 'arrived' };
}
/** Positions in one batch: bounds an edge's memory (10,000 entries are 2 MB of objects) and how long a transaction lasts. */
export const MOST_ENTRIES = 10_000;
