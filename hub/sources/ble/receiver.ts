/** From broadcasts to measurements: those of the household's own devices are decoded and kept, others are offered or merely counted. */
import { createHash, randomBytes } from 'node:crypto';
import type { Hello } from '../../../firmware/protocol/frame.ts';
import { quantities } from '../../../firmware/protocol/quantities.ts';
import type { Clock } from '../../../firmware/protocol/time.ts';
import type { DatedReading } from '../dating.ts';
import type { Advertisement, BleValue, DecodedAdvertisement } from './advertisement.ts';
import { concernsUs, decodeAdvertisement } from './advertisements/decode.ts';
import { parseAdvertisingData } from './advertising-data.ts';
import { type BleClaim, type Claims, deviceOf } from './claims.ts';
import { chooseScale } from './gatt/scales/choose.ts';
import type { HeardAdvert } from './radio/lines.ts';
import { newValues, noRepeats, type RepeatState } from './repeats.ts';
import type { Sightings } from './sightings.ts';

/** Readings that wait for a disk that refuses: a broadcast does not come again. Beyond, the oldest go. */
const MOST_WAITING = 2000;
const RETRY_MS = 5000;
/** In place of a boot for what a device had stored: such a record is named by what it says. */
const STORED = 0xffff_ffff;
/** Live values of one device at most this often. */
const LIVE_EVERY_MS = 1000;

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
  readonly onConnectable: (claim: BleClaim, advertisement: Advertisement, isRandom: boolean) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Receiver {
  hear(advert: HeardAdvert): void;
  /** Values of a claimed device that came over a connection. */
  measured(claim: BleClaim, values: readonly BleValue[], about?: { readonly deviceTime?: string; readonly agoMs?: number }): void;
  live(claim: BleClaim, values: readonly BleValue[]): void;
  counts(): { readonly foreign: number; readonly own: number; readonly refused: number; readonly waiting: number };
  readonly done: Promise<void>;
}

export function createReceiver({ claims, sightings, events, onConnectable, clock, signal }: ReceiverOptions): Receiver {
  /** Names this run of the hub: with a running number it names each measurement once. */
  const boot = randomBytes(4).readUInt32LE();
  let sequence = 0;
  const repeats = new Map<string, RepeatState>();
  const shownAtMs = new Map<string, number>();
  const waiting: { readonly device: string; readonly boot: number; readonly readings: readonly DatedReading[] }[] = [];
  let woken = new AbortController();
  let [foreign, own, refused] = [0, 0, 0];

  const dated = (values: readonly BleValue[], endUtcMs: number, number: () => number): DatedReading[] =>
    values.map(({ quantity, value }) => ({
      sequence: number(),
      code: quantities[quantity].code,
      value,
      endUtcMs,
      spanMs: 0,
      timeQuality: 'synced',
    }));
  /** A probe or slot of a device is a device beside it. */
  const byChannel = (address: string, values: readonly BleValue[]) =>
    Map.groupBy(values, ({ channel }) => (channel === undefined ? deviceOf(address) : `${deviceOf(address)}-${channel}`));
  const introduce = (claim: BleClaim, device: string, values: readonly BleValue[]): void =>
    events.met({
      device,
      kind: 'bluetooth',
      name: device === deviceOf(claim.address) ? claim.name : `${claim.name} ${device.split('-').at(-1)}`,
      firmware: claim.model,
      quantities: [...new Set(values.map(({ quantity }) => quantity))],
    });
  const measured: Receiver['measured'] = (claim, values, { deviceTime, agoMs = 0 } = {}) => {
    for (const [device, part] of byChannel(claim.address, values)) {
      introduce(claim, device, part);
      if (waiting.length >= MOST_WAITING) waiting.shift();
      const readings = dated(part, clock.utc() - agoMs, () => ++sequence);
      if (deviceTime === undefined) waiting.push({ device, boot, readings });
      // A stored record is told at every connection: its own time, quantity and value name it, so that it is kept once.
      else
        waiting.push({
          device,
          boot: STORED,
          readings: readings.map((reading) => ({ ...reading, sequence: markOf(deviceTime, reading) })),
        });
    }
    woken.abort();
  };
  const live: Receiver['live'] = (claim, values) => {
    const atMs = clock.monotonic();
    if (atMs - (shownAtMs.get(claim.address) ?? Number.NEGATIVE_INFINITY) < LIVE_EVERY_MS) return;
    shownAtMs.set(claim.address, atMs);
    for (const [device, part] of byChannel(claim.address, values)) {
      introduce(claim, device, part);
      // Live values name no measurement, so they take no number.
      events.live(
        device,
        dated(part, clock.utc(), () => 0),
      );
    }
  };
  const ofOurs = (claim: BleClaim, decoded: DecodedAdvertisement): void => {
    own++;
    switch (decoded.kind) {
      case 'values': {
        if (decoded.counter !== undefined) claims.count(claim.address, decoded.counter);
        events.trouble(deviceOf(claim.address), '');
        live(claim, decoded.values);
        const [state, kept] = newValues(repeats.get(claim.address) ?? noRepeats, decoded, clock.monotonic());
        repeats.set(claim.address, state);
        if (kept.length > 0) measured(claim, kept);
        return;
      }
      case 'locked':
        introduce(claim, deviceOf(claim.address), []);
        events.trouble(deviceOf(claim.address), 'It speaks in cipher: enter its key, as the app of its maker shows it.');
        return;
      case 'refused':
        refused++;
        introduce(claim, deviceOf(claim.address), []);
        if (decoded.reason === 'wrong key') events.trouble(deviceOf(claim.address), 'Its key does not fit: enter the right one.');
        return;
      case 'presence':
    }
  };

  const flush = async (): Promise<void> => {
    while (!signal.aborted) {
      woken = new AbortController();
      const [next] = waiting;
      if (next === undefined) {
        await clock.sleep(3_600_000, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
        continue;
      }
      try {
        await events.commit(next.device, next.boot, next.readings);
        waiting.shift();
      } catch {
        // The store has told the person already; what waits here is tried again.
        await clock.sleep(RETRY_MS, signal).catch(() => undefined);
      }
    }
    claims.save();
  };

  return {
    hear({ address, rssi, isConnectable, isRandom, isScanResponse, data: hex }) {
      const data = Buffer.from(hex, 'hex');
      const claim = claims.of(address);
      // A scale that is connected to tells its name and services alone.
      const mayBeScale = isConnectable || isScanResponse;
      if (claim === undefined && !mayBeScale && !concernsUs(data)) {
        foreign++;
        return;
      }
      const parsed = parseAdvertisingData(data);
      if (parsed.name !== null) sightings.named(address, parsed.name);
      const advertisement: Advertisement = { ...parsed, address, rssi, name: parsed.name ?? sightings.nameOf(address) };
      const scale = mayBeScale ? chooseScale(advertisement) : undefined;
      if (claim !== undefined && scale !== undefined) onConnectable(claim, advertisement, isRandom);
      const decoded = decodeAdvertisement(advertisement, {
        ...(claim?.key == null ? {} : { key: Buffer.from(claim.key, 'hex') }),
        ...(claim?.counter == null ? {} : { lastCounter: claim.counter }),
      });
      const says = decoded === undefined || decoded.kind === 'presence' ? undefined : decoded;
      if (claim !== undefined) return says === undefined ? undefined : ofOurs(claim, says);
      foreign++;
      if ((says === undefined || says.kind === 'refused') && scale === undefined) return;
      sightings.seen({
        address,
        model: says?.model ?? scale?.family.model ?? 'Body scale',
        name: advertisement.name,
        rssi,
        heardUtcMs: clock.utc(),
        values: says?.kind === 'values' ? says.values : [],
        isLocked: says?.kind === 'locked',
      });
    },
    measured,
    live,
    counts: () => ({ foreign, own, refused, waiting: waiting.length }),
    done: flush(),
  };
}

/** A number from what a stored record says: the same record again has the same one, another differs but for once in 2^32. */
const markOf = (deviceTime: string, { code, value }: DatedReading): number =>
  createHash('sha256').update(`${deviceTime}/${code}/${value}`).digest().readUInt32LE();
