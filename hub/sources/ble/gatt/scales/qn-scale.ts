/**
 * QN scales (Qingniu) on FFF1/FFF2 or FFE1/FFE3: the scale greets (0x12), is configured, is ready (0x14), is told time and
 * person, asks how to report (0x21) and then streams weights (0x10) or tells stored ones (0x23).
 *
 * The greeting has three lengths, and with each the weights differ:
 * - about 11 bytes: protocol at 2, 1 in byte 10 when weights are in 0.01 kg, else 0.1.
 * - 18 or 19 bytes with their length at 1 (ES-26M, Arboleaf): impedance may never come.
 * - 20 bytes (GE CS 10 G): the result is a 0xB1 or 0xB4 frame with the weight alone, and the scale expects a weight near the
 *   person's last.
 * Weight frame: weight 3, 1 in byte 5 when stable, impedance 6 and 8 (big-endian); or with the state at 4 (2 stable), weight 5
 * and impedance 7 and 9. Source: openScale's and ble-scale-sync's descriptions of the protocol and of captures.
 */
import { sum8, u8, u16be, u16le, u32le } from '../bytes.ts';
import {
  type Heard,
  type ScaleContext,
  type ScaleFamily,
  type ScaleRequest,
  timer,
  type Weighing,
  wait,
  weighing,
  write,
} from './family.ts';
import { answerChallenge, isChallenge } from './jieli.ts';
import * as frames from './qn-frames.ts';

/** What the frames of a session depend on. */
interface Dialect {
  readonly protocol: number;
  readonly perKg: 10 | 100;
  readonly greeting: 'none' | 'short' | 'long' | 'extended';
}
interface Memory {
  readonly dialect: Dialect;
  readonly sent: { readonly config: boolean; readonly ready: boolean; readonly report: boolean };
  readonly challenges: number;
  readonly queries: number;
  /** When a settled weight without impedance was first heard. */
  readonly withoutImpedanceAt: number | null;
  /** The one result of an extended scale was given. */
  readonly isGiven: boolean;
  /** Seconds since 2000 when the link opened, as far as the hub knows the time. */
  readonly openedAt: number | null;
}
const empty: Memory = {
  dialect: { protocol: 0x00, perKg: 100, greeting: 'none' },
  sent: { config: false, ready: false, report: false },
  challenges: 0,
  queries: 0,
  withoutImpedanceAt: null,
  isGiven: false,
  openedAt: null,
};

const GREETING_FALLBACK_MS = 2000;
const FALLBACK_PROTOCOL = 0xff;
const MAX_CHALLENGES = 3;
const MAX_QUERIES = 6;
const QUERY_AGAIN_MS = 3000;
/** A record older than this before the link opened is of another weigh-in. */
const MAX_RECORD_AGE_S = 90;
/** How much the clocks of scale and hub may differ when a record belongs to this weighing. */
const CLOCK_TOLERANCE_S = 5;
const IMPEDANCE_GRACE_MS = 1500;
const MIN_KG = 5;
const MAX_KG = 250;
/** A weight that the scale knew, where none of the person is known: from the capture in which it was found. */
const ANCHOR_KG = 77.15;
const ANCHOR_REPEATS = 2;
const ANCHOR_GAP_MS = 150;

const command = ({ connection: { characteristics } }: ScaleContext, bytes: readonly number[]): ScaleRequest =>
  write(!characteristics.has('fff2') && characteristics.has('ffe3') ? 'ffe3' : 'fff2', bytes);
const jieli = ({ connection: { characteristics } }: ScaleContext, bytes: ArrayLike<number>): ScaleRequest[] =>
  characteristics.has('ae01') ? [write('ae01', bytes)] : [];

function dialectOf(bytes: Uint8Array): Dialect {
  if (bytes.length < 18 || u8(bytes, 1) !== bytes.length) {
    return { protocol: u8(bytes, 2), perKg: u8(bytes, 10) === 1 ? 100 : 10, greeting: 'short' };
  }
  // The 18-byte scales answer to 0 alone; the longer ones to what they sent.
  const protocol = bytes.length >= 19 ? u8(bytes, 2) : 0x00;
  return { protocol, perKg: 10, greeting: bytes.length >= 20 ? 'extended' : 'long' };
}

function configure(memory: Memory, context: ScaleContext): Heard<Memory> {
  if (memory.sent.config) return { memory };
  const requests = [
    ...jieli(context, frames.JIELI_HELLO),
    wait(200),
    command(context, frames.config(memory.dialect.protocol, frames.unitFlag(context.profile))),
  ];
  return { memory: { ...memory, sent: { ...memory.sent, config: true } }, requests };
}

function tellTimeAndPerson(memory: Memory, context: ScaleContext): Heard<Memory> {
  if (memory.sent.ready) return { memory };
  const { time, profile } = context;
  const requests = [
    ...(time === null ? [] : [command(context, frames.clock(memory.dialect.protocol, time.utcMs))]),
    command(context, frames.profile(profile)),
    ...jieli(context, frames.JIELI_PASS),
  ];
  return { memory: { ...memory, sent: { ...memory.sent, ready: true } }, requests };
}

function startMeasuring(memory: Memory, context: ScaleContext): Heard<Memory> {
  if (memory.sent.report) return { memory };
  const { protocol, greeting } = memory.dialect;
  const anchor = command(context, frames.weightAnchor((context.profile.lastWeightKg ?? ANCHOR_KG) * 100));
  const anchors =
    greeting === 'extended' ? new Array<ScaleRequest>(ANCHOR_REPEATS).fill(anchor).flatMap((one) => [one, wait(ANCHOR_GAP_MS)]) : [];
  const requests = [
    command(context, frames.report(greeting === 'long' || greeting === 'extended')),
    wait(200),
    command(context, frames.REPORT_PERSON),
    wait(200),
    command(context, frames.start(protocol)),
    ...anchors,
  ];
  return { memory: { ...memory, sent: { ...memory.sent, report: true } }, requests };
}

/** Divides by what the greeting said, or by the other where only that gives a person. */
function weightOf(raw: number, perKg: 10 | 100): number {
  const weight = raw / perKg;
  const other = raw / (perKg === 100 ? 10 : 100);
  return (weight <= MIN_KG || weight >= MAX_KG) && other > MIN_KG && other < MAX_KG ? other : weight;
}

function heardWeight(memory: Memory, bytes: Uint8Array, context: ScaleContext): Heard<Memory> {
  if (bytes.length < 10) return { memory };
  const { perKg, greeting, protocol } = memory.dialect;
  const hasState = bytes.length >= 11 && u8(bytes, 4) <= 0x02 && perKg === 10;
  const isStable = hasState ? u8(bytes, 4) === 0x02 : u8(bytes, 5) === 1;
  const at = hasState ? 5 : 3;
  const raw = u16be(bytes, at);
  const [r1, r2] = hasState ? [u16be(bytes, 7), u16be(bytes, 9)] : [u16be(bytes, 6), u16be(bytes, 8)];
  const echo = greeting === 'extended' ? [command(context, frames.weightAnchor(raw))] : [];
  if (!isStable) return { memory, requests: echo };
  if (hasState && r1 === 0 && r2 === 0) {
    // The impedance follows on all but the long-greeting scales, which may never measure it.
    if (greeting !== 'long' && greeting !== 'extended') return { memory, requests: echo };
    const since = memory.withoutImpedanceAt ?? context.at;
    if (context.at - since < IMPEDANCE_GRACE_MS) return { memory: { ...memory, withoutImpedanceAt: since }, requests: echo };
  }
  const impedance = r1 > 0 ? r1 : r2;
  return {
    memory: { ...memory, withoutImpedanceAt: null },
    requests: [...echo, command(context, frames.acknowledge(protocol))],
    ...weighing({ weight: weightOf(raw, perKg), impedance }, impedance > 0 ? 'settled' : 'final'),
  };
}

/** A stored record: the weigh-in that just ended is taken, an older one is passed over and asked beyond. */
function heardRecord(memory: Memory, bytes: Uint8Array, context: ScaleContext): Heard<Memory> {
  const weight = u16be(bytes, 10) / 100;
  const isWhole = bytes.length >= 17 && weight > MIN_KG && weight < 300;
  const seconds = u32le(bytes, 6);
  const openedAt = memory.openedAt;
  const isOld = openedAt !== null && seconds + MAX_RECORD_AGE_S < openedAt;
  if (!isWhole || isOld) {
    if (memory.queries >= MAX_QUERIES) return { memory };
    return {
      memory: { ...memory, queries: memory.queries + 1 },
      requests: [wait(QUERY_AGAIN_MS), command(context, frames.start(memory.dialect.protocol))],
    };
  }
  const [r1, r2] = [u16le(bytes, 13), u16le(bytes, 15)];
  return { memory, ...weighing({ weight, impedance: r1 > 0 ? r1 : r2 }, 'stored', recordTime(seconds)) };
}

const recordTime = (seconds: number): { deviceTime?: string } =>
  Number.isFinite(seconds) ? { deviceTime: new Date((seconds + frames.EPOCH_2000) * 1000).toISOString() } : {};

/** The result of an extended scale: live in 0xB1, of its history in 0xB4, and repeated. */
function heardResult(memory: Memory, bytes: Uint8Array): Heard<Memory> {
  if (memory.isGiven || sum8(bytes, 0, bytes.length - 1) !== u8(bytes, bytes.length - 1)) return { memory };
  let raw = Number.NaN;
  if (u8(bytes, 0) === 0xb1 && bytes.length >= 7 && u8(bytes, 2) === 0x03 && u8(bytes, 3) === 0x01) raw = u16le(bytes, 5);
  if (u8(bytes, 0) === 0xb4 && bytes.length >= 13 && u8(bytes, 2) === 0x04 && u8(bytes, 3) === 0x01) {
    const isOfToday = memory.openedAt === null || u32le(bytes, 7) + CLOCK_TOLERANCE_S >= memory.openedAt;
    if (isOfToday) raw = u16le(bytes, 11);
  }
  const weight = raw / 100;
  if (!(weight > MIN_KG && weight < MAX_KG)) return { memory };
  return { memory: { ...memory, isGiven: true }, ...weighing({ weight }, 'final') };
}

function heardVendor(memory: Memory, bytes: Uint8Array, context: ScaleContext): Heard<Memory> {
  if (bytes.length < 3) return { memory };
  switch (u8(bytes, 0)) {
    case 0x12:
      return bytes.length > 10 ? configure({ ...memory, dialect: dialectOf(bytes) }, context) : { memory };
    case 0x14:
      return tellTimeAndPerson(memory, context);
    case 0x21:
      return startMeasuring(memory, context);
    case 0x23:
      return heardRecord(memory, bytes, context);
    case 0xb1:
    case 0xb4:
      return memory.dialect.greeting === 'extended' ? heardResult(memory, bytes) : { memory };
    case 0x10:
      return heardWeight(memory, bytes, context);
    default:
      return { memory };
  }
}

function heardChallenge(memory: Memory, bytes: Uint8Array): Heard<Memory> {
  if (memory.challenges > MAX_CHALLENGES) return { memory };
  const next = { ...memory, challenges: memory.challenges + 1 };
  if (memory.challenges < MAX_CHALLENGES) return { memory: next, requests: [write('ae01', answerChallenge(bytes))] };
  const reason = 'the scale does not accept our answer to its challenge';
  return {
    memory: next,
    requests: [{ kind: 'refused', reason, remedy: 'capture its session with `hearth ble capture`: it has another key' }],
  };
}

export const qnScale: ScaleFamily<Memory> = {
  id: 'qn-scale',
  model: 'QN (Renpho, FITINDEX, Sencor, Arboleaf)',
  subscribe: ['ae02', 'fff1', 'ffe1', 'ffe2'],
  whole: ['weight', 'impedance'],
  holdMs: 6000,
  formula: 'standard-impedance',
  memory: () => empty,
  connected: (context) => {
    const openedAt = context.time === null ? null : Math.floor(context.time.utcMs / 1000) - frames.EPOCH_2000;
    const isOld = !context.connection.characteristics.has('ae02');
    const unlocks = isOld ? [frames.OLD_CONFIG, frames.config(0x00, frames.unitFlag(context.profile))] : [];
    return { memory: { ...empty, openedAt }, requests: [...unlocks.map((bytes) => command(context, bytes)), timer(GREETING_FALLBACK_MS)] };
  },
  heard: (memory, characteristic, bytes, context) =>
    characteristic === 'ae02' && isChallenge(bytes) ? heardChallenge(memory, bytes) : heardVendor(memory, bytes, context),
  // A greeting that was lost, or that this firmware never sends: go through the whole exchange unasked.
  timer: (memory, context) => {
    if (memory.sent.config) return { memory };
    const open = { ...memory, dialect: { ...memory.dialect, protocol: FALLBACK_PROTOCOL } };
    return [configure, tellTimeAndPerson, startMeasuring].reduce<Heard<Memory>>(
      (heard, next) => {
        const more = next(heard.memory, context);
        return { memory: more.memory, requests: [...(heard.requests ?? []), ...(more.requests ?? []), wait(500)] };
      },
      { memory: open },
    );
  },
};

/**
 * A broadcast of the family (company 0xFFFF, AA BB): weight 17 (little-endian, 0.01 kg), bit 5 of byte 15 when settled.
 * Undefined for other bytes and while the weight moves.
 */
export function qnBroadcast(data: Uint8Array): Weighing | undefined {
  if (data.length < 19 || u8(data, 0) !== 0xaa || u8(data, 1) !== 0xbb || (u8(data, 15) & 0x20) === 0) return undefined;
  return weighing({ weight: u16le(data, 17) / 100 }, 'final').weighing;
}
