/** From broadcasts to measurements: those of the household's own devices are decoded and kept, others are offered or merely counted. */
import { createHash, randomBytes } from 'node:crypto';
import type { Hello } from '../../../firmware/protocol/messages.ts';
import { type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import type { Clock } from '../../../firmware/protocol/time.ts';
import type { DatedReading } from '../dating.ts';
import type { Advertisement, BleValue, DecodedAdvertisement } from './advertisement.ts';
import { concernsUs, decodeAdvertisement } from './advertisements/decode.ts';
import { parseAdvertisingData } from './advertising-data.ts';
import { type BleClaim, type Claims, deviceOfClaim } from './claims.ts';
import { chooseSession } from './gatt/choose.ts';
import type { HeardAdvert } from './radio/lines.ts';
import { dateRecord, type RecordClock } from './record-time.ts';
import { newValues, noRepeats, type RepeatState } from './repeats.ts';
import { createResolver } from './resolvable.ts';
import type { Sightings } from './sightings.ts';

/** Readings that wait for a disk that refuses: a broadcast does not come again. Beyond, the oldest go. */
const MOST_WAITING = 2000;
/** As many as a link has under way: a home of sensors shares a flush. */
const MOST_AT_ONCE = 64;
const RETRY_MS = 5000;
/** Counters of encrypted devices move with each broadcast; after a power cut a broadcast of this long could be replayed. */
const SAVE_EVERY_MS = 600_000;
/** In place of a boot for what a device had stored: such a record is named by what it says. */
const STORED = 0xffff_ffff;
/** The same for records of a log: with the quantity's code added, a number for each. */
const LOGGED = 0xfffe_0000;
/** Live values of one device at most this often. */
const LIVE_EVERY_MS = 1000;
/** A value that settles so soon after it was seen to move is of now, and no memory of yesterday's. */
const SETTLES_WITHIN_MS = 60_000;

/** What is known of a value that came over a connection, beside it. */
export interface About extends RecordClock {
  /** Which of a device's persons, by its own number: a device beside it, which is given to its person once. */
  readonly userSlot?: number | undefined;
}

/** A record of a device's log: how long ago, and what. */
export interface LogRecord {
  readonly agoMs: number;
  readonly spanMs?: number;
  readonly values: readonly BleValue[];
}

export interface ReceiverEvents {
  met(hello: Hello): void;
  /** Resolves once the readings are on disk. */
  commit(device: string, boot: number, readings: readonly DatedReading[]): Promise<void>;
  live(device: string, readings: readonly DatedReading[]): void;
  /** What a device needs of the household; empty when nothing. */
  trouble(device: string, message: string): void;
}

export interface ReceiverOptions {
  readonly claims: Claims;
  readonly sightings: Sightings;
  readonly events: ReceiverEvents;
  /** An added device spoke and says that it can be connected to. */
  readonly onConnectable: (
    claim: BleClaim,
    advertisement: Advertisement,
    about: { readonly isRandom: boolean; readonly tells: boolean },
  ) => void;
  /** Minutes ahead of UTC at a time; undefined while the zone is not known. */
  readonly zoneMinutes: (atUtcMs: number) => number | undefined;
  /** When values of a quantity were kept of a device, within a span: a log is read to fill what was not heard. */
  readonly keptTimes: (device: string, quantity: QuantityId, fromMs: number, toMs: number) => readonly number[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Receiver {
  hear(advert: HeardAdvert): void;
  /** Values of a claimed device that came over a connection. */
  measured(claim: BleClaim, values: readonly BleValue[], about?: About): void;
  /** Records of a device's log, `spacingMs` apart. Resolves once those that were not heard before are on disk. */
  logged(claim: BleClaim, records: readonly LogRecord[], spacingMs: number): Promise<void>;
  live(claim: BleClaim, values: readonly BleValue[]): void;
  counts(): { readonly foreign: number; readonly own: number; readonly refused: number; readonly waiting: number };
  readonly done: Promise<void>;
}

interface Waiting {
  readonly device: string;
  readonly boot: number;
  readonly readings: readonly DatedReading[];
  readonly onKept?: () => void;
}

export function createReceiver(options: ReceiverOptions): Receiver {
  const { claims, sightings, events, onConnectable, zoneMinutes, keptTimes, clock, signal } = options;
  /** Names this run of the hub: with a running number it names each measurement once. */
  const boot = randomBytes(4).readUInt32LE();
  let sequence = 0;
  const repeats = new Map<string, RepeatState>();
  const shownAtMs = new Map<string, number>();
  /** By address: when a value that still moved was seen last. */
  const movedAtMs = new Map<string, number>();
  let waiting: Waiting[] = [];
  const resolver = createResolver(() => claims.list().flatMap(({ address, irk }) => (irk === undefined ? [] : [{ address, irk }])));
  let woken = new AbortController();
  let [foreign, own, refused] = [0, 0, 0];

  const dated = (values: readonly BleValue[], time: Omit<DatedReading, 'sequence' | 'code' | 'value' | 'spanMs'>): DatedReading[] =>
    values.map(({ quantity, value }) => ({ ...time, sequence: 0, code: quantities[quantity].code, value, spanMs: 0 }));
  const zone = (atUtcMs: number): number => zoneMinutes(atUtcMs) ?? 0;
  /** A probe or slot of a device is a device beside it. */
  const byChannel = (claim: BleClaim, values: readonly BleValue[]) =>
    Map.groupBy(values, ({ channel }) => (channel === undefined ? deviceOfClaim(claim) : `${deviceOfClaim(claim)}-${channel}`));
  const introduce = (claim: BleClaim, device: string, values: readonly BleValue[]): void =>
    events.met({
      device,
      kind: 'bluetooth',
      name: device === deviceOfClaim(claim) ? claim.name : `${claim.name} ${device.split('-').at(-1)}`,
      firmware: claim.model,
      quantities: [...new Set(values.map(({ quantity }) => quantity))],
    });
  const put = (one: Waiting): void => {
    if (waiting.length >= MOST_WAITING) waiting.shift()?.onKept?.();
    waiting.push(one);
    woken.abort();
  };
  const measured: Receiver['measured'] = (claim, values, about = {}) => {
    const { deviceTime, userSlot } = about;
    const isLive = about.isLive ?? clock.monotonic() - (movedAtMs.get(claim.address) ?? Number.NEGATIVE_INFINITY) < SETTLES_WITHIN_MS;
    const time = dateRecord({ ...about, isLive }, clock.utc(), zone);
    const slotted = userSlot === undefined ? values : values.map((value) => ({ channel: userSlot, ...value }));
    for (const [device, part] of byChannel(claim, slotted)) {
      introduce(claim, device, part);
      const readings = dated(part, time);
      if (deviceTime === undefined) put({ device, boot, readings: readings.map((reading) => ({ ...reading, sequence: ++sequence })) });
      // A stored record is told at every connection: its own time, quantity and value name it, so that it is kept once.
      else put({ device, boot: STORED, readings: readings.map((one) => ({ ...one, sequence: markOf(deviceTime, one) })) });
    }
  };
  const logged: Receiver['logged'] = async (claim, records, spacingMs) => {
    const nowMs = clock.utc();
    const ends = records.map(({ agoMs }) => Math.round(nowMs - agoMs));
    const device = deviceOfClaim(claim);
    const quantitiesThere = [...new Set(records.flatMap(({ values }) => values.map(({ quantity }) => quantity)))];
    const [fromMs, toMs] = [Math.min(...ends) - spacingMs, Math.max(...ends) + spacingMs];
    const kept = new Map(
      quantitiesThere.map((quantity) => [quantity, [...keptTimes(device, quantity, fromMs, toMs)].sort((a, b) => a - b)]),
    );
    const readings = records.flatMap(({ values, spanMs = 0 }, at) => {
      const endUtcMs = ends[at]!;
      const time = dateRecord({ agoMs: records[at]!.agoMs }, nowMs, zone);
      if (time.timeDoubt !== 'none') return [];
      // One that was heard when it was new, or read before, is nearer than half the distance of two.
      const fresh = values.filter(({ quantity }) => nearestMs(kept.get(quantity)!, endUtcMs) > spacingMs / 2);
      return dated(fresh, time).map((reading) => ({ ...reading, spanMs, sequence: Math.round(endUtcMs / 1000) }));
    });
    if (readings.length === 0) return;
    introduce(claim, device, records[0]!.values);
    // A second of a quantity names a record; a second may have several quantities, so each has numbers of its own.
    const byCode = Map.groupBy(readings, ({ code }) => code);
    await Promise.all(
      [...byCode].map(([code, some]) => new Promise<void>((onKept) => put({ device, boot: LOGGED + code, readings: some, onKept }))),
    );
  };
  const moved: Receiver['live'] = (claim, values) => {
    movedAtMs.set(claim.address, clock.monotonic());
    live(claim, values);
  };
  const live: Receiver['live'] = (claim, values) => {
    const atMs = clock.monotonic();
    if (atMs - (shownAtMs.get(claim.address) ?? Number.NEGATIVE_INFINITY) < LIVE_EVERY_MS) return;
    shownAtMs.set(claim.address, atMs);
    for (const [device, part] of byChannel(claim, values)) {
      introduce(claim, device, part);
      // Live values name no measurement, so they take no number.
      events.live(device, dated(part, { endUtcMs: clock.utc(), timeQuality: 'synced' }));
    }
  };
  const ofOurs = (claim: BleClaim, decoded: DecodedAdvertisement): void => {
    own++;
    switch (decoded.kind) {
      case 'values': {
        if (decoded.counter !== undefined) claims.count(claim.address, decoded.counter);
        events.trouble(deviceOfClaim(claim), '');
        (decoded.settled === false ? moved : live)(claim, decoded.values);
        const [state, kept] = newValues(repeats.get(claim.address) ?? noRepeats, decoded, clock.monotonic());
        repeats.set(claim.address, state);
        const { deviceTime } = decoded;
        if (kept.length > 0) measured(claim, kept, deviceTime === undefined ? {} : { deviceTime });
        return;
      }
      case 'locked':
        introduce(claim, deviceOfClaim(claim), []);
        events.trouble(deviceOfClaim(claim), 'It speaks in cipher: enter its key, as the app of its maker shows it.');
        return;
      case 'refused':
        // The last broadcast heard again is nothing new, and nothing wrong.
        if (decoded.reason === 'repeated') return;
        refused++;
        introduce(claim, deviceOfClaim(claim), []);
        if (decoded.reason === 'wrong key') events.trouble(deviceOfClaim(claim), 'Its key does not fit: enter the right one.');
        return;
      case 'presence':
    }
  };

  const flush = async (): Promise<void> => {
    while (!signal.aborted) {
      woken = new AbortController();
      const some = waiting.slice(0, MOST_AT_ONCE);
      if (some.length === 0) {
        await clock.sleep(3_600_000, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
        continue;
      }
      // Together, so that they share a flush. What the store refused it has told the person already; here it is tried again.
      const kept = await Promise.allSettled(some.map(({ device, boot, readings }) => events.commit(device, boot, readings)));
      const done = new Set(some.filter((_one, at) => kept[at]?.status === 'fulfilled'));
      waiting = waiting.filter((one) => !done.has(one));
      for (const one of done) one.onKept?.();
      if (done.size < some.length) await clock.sleep(RETRY_MS, signal).catch(() => undefined);
    }
    // What was heard as the hub was told to stop.
    await Promise.allSettled(waiting.map(({ device, boot, readings }) => events.commit(device, boot, readings)));
    claims.save();
  };
  const saving = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(SAVE_EVERY_MS, signal).catch(() => undefined);
      if (!signal.aborted) claims.save();
    }
  };

  return {
    hear({ address, rssi, isConnectable, isRandom, isScanResponse, data: hex }) {
      const data = Buffer.from(hex, 'hex');
      const known = claims.of(address) === undefined ? resolver.known(address, isRandom) : address;
      const claim = known === undefined ? undefined : claims.of(known);
      // A device that is connected to tells its name and services alone.
      const mayBeConnected = isConnectable || isScanResponse;
      if (claim === undefined && !mayBeConnected && !concernsUs(data)) {
        foreign++;
        return;
      }
      const parsed = parseAdvertisingData(data);
      if (parsed.name !== null) sightings.named(address, parsed.name);
      const advertisement: Advertisement = { ...parsed, address, rssi, name: parsed.name ?? sightings.nameOf(address) };
      const session = mayBeConnected ? chooseSession(advertisement) : undefined;
      const decoded = decodeAdvertisement(advertisement, {
        ...(claim?.key == null ? {} : { key: Buffer.from(claim.key, 'hex') }),
        ...(claim?.counter == null ? {} : { lastCounter: claim.counter }),
      });
      const says = decoded === undefined || decoded.kind === 'presence' ? undefined : decoded;
      if (claim !== undefined) {
        if (session !== undefined) onConnectable(claim, advertisement, { isRandom, tells: says?.kind === 'values' });
        // What is asked over a connection needs no key.
        if (says !== undefined && !(says.kind === 'locked' && session !== undefined)) ofOurs(claim, says);
        return;
      }
      foreign++;
      if ((says === undefined || says.kind === 'refused') && session === undefined) return;
      sightings.seen({
        address,
        model: decoded?.model ?? session?.family.model ?? 'Bluetooth device',
        name: advertisement.name,
        rssi,
        heardUtcMs: clock.utc(),
        values: says?.kind === 'values' ? says.values : [],
        isLocked: says?.kind === 'locked' && session === undefined,
      });
    },
    measured,
    logged,
    live: moved,
    counts: () => ({ foreign, own, refused, waiting: waiting.length }),
    done: Promise.all([flush(), saving()]).then(() => undefined),
  };
}

/** A value that is told as a broadcast and over a connection differs in the last digits of its conversion. */
const SAME_DIGITS = 6;

/** A number from what a stored record says: the same record again has the same one, another differs but for once in 2^32. */
const markOf = (deviceTime: string, { code, value }: DatedReading): number =>
  createHash('sha256')
    .update(`${deviceTime}/${code}/${Number(value.toPrecision(SAME_DIGITS))}`)
    .digest()
    .readUInt32LE();

/** How far the nearest of some times in order is from another; infinite where there is none. */
function nearestMs(times: readonly number[], atMs: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < atMs) low = middle + 1;
    else high = middle;
  }
  return Math.min(Math.abs((times[low] ?? Number.POSITIVE_INFINITY) - atMs), Math.abs((times[low - 1] ?? Number.NEGATIVE_INFINITY) - atMs));
}
