/**
 * What a vault's log can say. Every entry has a position that is never used again, the time at which it was kept, and who or what
 * caused it. A kind that this hub does not know, from a newer one, stays readable as `unknown`.
 */
import type { Static, TSchema } from 'typebox';
import type { Measurement } from '../../firmware/protocol/measurement.ts';
import type { UtcMs } from '../../firmware/protocol/time.ts';
import { fits } from '../../firmware/schema/check.ts';
import { Type } from '../../firmware/schema/type.ts';

/** Why nothing was measured for a while. */
export const gapCauses = ['power', 'radio', 'away', 'dropped', 'unknown'] as const;
export type GapCause = (typeof gapCauses)[number];

export interface StoredMeasurement extends Measurement {
  readonly seq: number;
  readonly subject: string;
  /** Whether the device gave a time that cannot be: it was dated by its arrival then. */
  readonly timeDoubt: 'none' | 'future' | 'ancient';
  /** Minutes by which the home's clock was ahead of UTC; null where that was not known. */
  readonly zoneMin: number | null;
  /** The end by the device's own clock; null when it has none. */
  readonly deviceEnd: UtcMs | null;
  /** The hub does not know the time yet: it will be moved, as what was dated by its device or by its arrival alone. */
  readonly unset?: 'dated' | 'arrived';
}

/** A measurement of a quantity that this hub does not know yet: kept as it came. */
export interface UncodedMeasurement {
  readonly seq: number;
  readonly device: string;
  readonly boot: number;
  readonly sequence: number;
  readonly code: number;
  readonly value: number;
  readonly endUtcMs: number;
  readonly spanMs: number;
  readonly unset?: 'dated' | 'arrived';
}

const Seq = Type.Integer({ minimum: 1 });
const Ms = Type.Number();
/** null stands for a value that is no number. */
const Reading = Type.Union([Type.Number(), Type.Null()]);

/** Bodies of the entries that are not measurements themselves, by their kind. */
const bodies = {
  /** A new value took the place of that of `of`; `was` is the one before, so that the history can be read back to the first. */
  amended: Type.Object({ of: Seq, id: Type.String(), value: Reading, was: Reading }),
  /** `of` is gone, and nothing of its value is left; its identity stays, so that the device cannot bring it back. */
  removed: Type.Object({ of: Seq, id: Type.String() }),
  /** A device gave the identity of `of` to another value too: both are kept, the first one counts. */
  conflict: Type.Object({ of: Seq, id: Type.String(), value: Reading, endMs: Ms }),
  /** Time became known: measurements in [fromSeq, toSeq] whose time was `estimated` are `shiftMs` later than they said, and `synced`. */
  redated: Type.Object({ fromSeq: Seq, toSeq: Seq, shiftMs: Ms, hubBoot: Type.Integer() }),
  /** Nothing was measured by the device, or by any when `device` is '*', and why. */
  gap: Type.Object({
    device: Type.String(),
    fromMs: Ms,
    toMs: Ms,
    cause: Type.Enum([...gapCauses]),
    /** Measurements known to be lost; absent where nobody counted. */
    lost: Type.Optional(Type.Integer()),
  }),
  /** What turns raw into SI from now on, as the device states it. */
  calibration: Type.Object({ device: Type.String(), chip: Type.String(), parameters: Type.Record(Type.String(), Type.Number()) }),
  /** Raw samples at a high rate, kept in a file of their own beside the vault. */
  segment: Type.Object({
    file: Type.String(),
    device: Type.String(),
    channels: Type.Array(Type.String()),
    rateHz: Type.Number(),
    startMs: Ms,
    samples: Type.Integer(),
    bytes: Type.Integer(),
  }),
  /** A camera recorded an event: the pictures are in a sealed file of their own beside the vault. */
  clip: Type.Object({
    name: Type.String(),
    camera: Type.String(),
    startMs: Ms,
    lastsMs: Ms,
    pictures: Type.Integer(),
    /** What happened before it: `motion`, `sound`. */
    cause: Type.String(),
  }),
  /** The vault was damaged and a backup took its place: positions after `afterSeq` may have been lost, but for those salvaged. */
  restored: Type.Object({ fromMs: Type.Union([Ms, Type.Null()]), afterSeq: Type.Integer(), salvaged: Type.Integer() }),
} as const satisfies Record<string, TSchema>;

export type EntryKind = keyof typeof bodies;
type Body<Kind extends EntryKind> = Static<(typeof bodies)[Kind]>;

/** An entry to be kept: its kind and its body. */
export type NewEntry = { [Kind in EntryKind]: { readonly kind: Kind } & Readonly<Body<Kind>> }[EntryKind];

interface Kept {
  readonly seq: number;
  /** UTC milliseconds of the commit, as the hub believed then. */
  readonly atMs: number;
  /** `device:ID`, `person:ID`, `hub`, or a program's name. */
  readonly by: string;
}

export type LogEntry = Kept &
  (
    | { readonly kind: 'measured'; readonly measurement: StoredMeasurement }
    | { readonly kind: 'uncoded'; readonly measurement: UncodedMeasurement }
    | NewEntry
    | { readonly kind: 'unknown'; readonly name: string; readonly body: string }
  );

export const bodyOf = ({ kind: _kind, ...body }: NewEntry): string => JSON.stringify(body);

/** Reads a kept entry. Never throws: what does not read as its kind is `unknown`. */
export function entryOf(kept: Kept, name: string, body: string): LogEntry {
  const { seq, atMs, by } = kept;
  const unknown = { seq, atMs, by, kind: 'unknown', name, body } as const;
  if (!Object.hasOwn(bodies, name)) return unknown;
  try {
    const parsed: unknown = JSON.parse(body);
    if (!fits(bodies[name as EntryKind], parsed)) return unknown;
    return { ...(parsed as object), seq, atMs, by, kind: name as EntryKind } as LogEntry;
  } catch {
    return unknown;
  }
}

/** What the measurement of a derived value was computed from and by what, so that it can be computed again. */
export interface Provenance {
  readonly algorithm: string;
  readonly version: string;
  /** Ids (`device/boot/sequence`) of the measurements it was computed from. */
  readonly inputs: readonly string[];
}

/** A value that a measurement had, oldest first; the last one is what every reading sees. */
export interface HistoricValue {
  readonly seq: number;
  readonly atMs: number;
  readonly by: string;
  readonly value: number;
}
