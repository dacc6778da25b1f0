/** What keeps measurements, put together: the hub's clock, the store, and the gap ledger between them. */
import { systemClock } from '../../firmware/clock.ts';
import type { Clock } from '../../firmware/protocol/time.ts';
import type { DatedReading } from '../sources/dating.ts';
import { openStore, type Store } from '../store/store.ts';
import type { NewMeasurement } from '../store/vault.ts';
import type { HubClock, Redating } from './clock/hub-clock.ts';
import { startHubClock } from './clock/start-clock.ts';
import { type Freeable, mayKeep } from './disk.ts';
import { type DeviceTrack, type Numbering, type Span, tookArrivals } from './gap-ledger.ts';
import { startUpkeep, type Upkeep } from './upkeep.ts';

/** Where gaps of devices and of the hub stand: they are about the home, not about a person. */
const HOME = 'home';
/** At a hundred measurements a second fifteen share a flush; below what a device waits before it sends again. */
export const GROUP_MS = 150;
/**
 * A reading a second costs the card one flush in five seconds. What waits is held by its device and is not acknowledged, so a power cut
 * costs nothing; a page shows a steady trickle this late at most.
 */
export const TRICKLE_MS = 5000;
/** A restart is no gap. */
const LEAST_OFF_MS = 60_000;
/** Absences remembered to explain the holes of devices. */
const MOST_ABSENCES = 200;

export interface KeepingOptions {
  readonly data: string;
  /** IANA name of the home's zone. */
  readonly zone: string;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
  /** The machine's clocks as they are; its own unless told. */
  readonly machine?: Clock;
  /** Raw samples in all; the oldest files go first. None by itself: as many as the disk has room for. */
  readonly mostRawBytes?: number;
}

export interface Keeping {
  readonly clock: HubClock;
  readonly store: Store;
  /** Adds what the hub knows of the time to a dated reading. */
  stamp(device: string, boot: number, reading: DatedReading): NewMeasurement;
  /** Readings of a device are on disk: the ledger learns of them. */
  took(device: string, boot: number, readings: readonly DatedReading[], numbering?: Numbering): void;
  /** Keeps raw samples at a high rate, a column for each channel; dropped, and false, while the disk has no room for them. */
  capture(
    subject: string,
    device: string,
    channels: readonly string[],
    rateHz: number,
    startMs: number,
    columns: readonly ArrayLike<number>[],
  ): boolean;
  /** A device's link went down, or came back. */
  away(device: string, cause: 'away' | 'radio'): void;
  back(device: string): void;
  readonly upkeep: Upkeep;
  /** What may go when the disk is full, what goes first first. */
  readonly freeable: Freeable[];
  /** Ends in order; what is kept is on disk. */
  close(): void;
}

export async function openKeeping({ data, zone, say, signal, mostRawBytes, machine = systemClock }: KeepingOptions): Promise<Keeping> {
  let now: () => number = machine.utc;
  const store = openStore(data, { groupMs: GROUP_MS, trickleMs: TRICKLE_MS, now: () => now() });
  let running: HubClock | undefined;
  const redate = async (redatings: readonly Redating[]): Promise<void> => {
    for (const { hubBoot, shiftMs } of redatings) {
      say(`The time is known: what was measured without it is moved by ${Math.round(shiftMs / 1000)} s.`);
      await store.redate(hubBoot, shiftMs, 'hub');
    }
    if (running !== undefined) noteOff(running);
  };
  const clock = await startHubClock({ data, zone, clock: machine, onKnown: redate, say, signal });
  running = clock;
  now = clock.utc;
  const startedMonotonicMs = clock.monotonic();

  const tracks = new Map<string, DeviceTrack>();
  const absences: (Span & { readonly device: string })[] = [];
  const awaySince = new Map<string, { fromMs: number; cause: 'away' | 'radio' }>();
  let isOffNoted = false;

  const record = (entry: Parameters<ReturnType<Store['vault']>['record']>[0]): void => {
    store
      .vault(HOME)
      .record(entry, 'hub')
      .catch((error: unknown) => say(`a gap could not be noted: ${error instanceof Error ? error.message : error}`));
  };

  /** The time during which the hub was off, once both its ends are known. */
  function noteOff(clock: HubClock): void {
    if (isOffNoted || clock.before === undefined || !clock.isKnown) return;
    isOffNoted = true;
    const toMs = Math.round(clock.utc() - (clock.monotonic() - startedMonotonicMs));
    const fromMs = lastKept(clock.before.lastUtcMs, toMs);
    const cause = clock.before.wasPower ? 'power' : 'unknown';
    if (toMs - fromMs < LEAST_OFF_MS) return;
    absences.push({ device: '*', fromMs, toMs, cause });
    record({ kind: 'gap', device: '*', fromMs, toMs, cause });
  }

  /** The clock is written down now and then; a measurement kept since is a later sign of life. */
  const lastKept = (savedMs: number, beforeMs: number): number =>
    store
      .subjects()
      .flatMap((subject) => store.vault(subject).lasts())
      .reduce((latest, { atMs }) => (atMs < beforeMs ? Math.max(latest, atMs) : latest), savedMs);

  for (const subject of store.subjects()) {
    for (const { device, boot, sequence, endMs } of store.vault(subject).lasts()) {
      const known = tracks.get(device);
      const isLater = known === undefined || endMs > known.endMs || (known.boot === boot && sequence > known.sequence);
      if (isLater)
        tracks.set(device, {
          boot,
          sequence: Math.max(sequence, known?.boot === boot ? known.sequence : 0),
          endMs,
          inARow: 0,
          intervalsMs: [],
          missing: [],
        });
    }
  }
  noteOff(clock);

  // What a power cut left without its entry.
  for (const subject of store.subjects())
    store
      .segments(subject)
      .adopt()
      .catch((error: unknown) => say(`raw samples of ${subject}: ${error instanceof Error ? error.message : error}`));
  const freeable: Freeable[] = [{ use: 'raw', dropOldest: () => store.dropSegment() }];
  const trim = (): void => {
    while (mostRawBytes !== undefined && store.segmentBytes() > mostRawBytes && store.dropSegment() > 0);
  };
  const upkeep = startUpkeep({ data, store, clock, freeable, trim, say, signal });

  return {
    clock,
    store,
    upkeep,
    freeable,
    stamp: (device, boot, reading) => stamped(clock, device, boot, reading),
    took(device, boot, readings, numbering) {
      const still = awaySince.get(device);
      const troubles: Span[] = absences.filter((one) => one.device === device || one.device === '*');
      // What is measured again is heard of before its device says that it is well.
      if (still !== undefined) troubles.push({ ...still, toMs: clock.utc() });
      const [track, gaps] = tookArrivals(tracks.get(device), device, boot, readings, troubles, clock.utc(), numbering);
      tracks.set(device, track);
      gaps.forEach(record);
    },
    capture(subject, device, channels, rateHz, startMs, columns) {
      // Of a locked vault measurements alone are taken in.
      if (!mayKeep('raw', upkeep.disk) || store.lockState(subject) === 'locked') return false;
      store.segments(subject).append(device, channels, rateHz, startMs, columns);
      return true;
    },
    away(device, cause) {
      if (!awaySince.has(device)) awaySince.set(device, { fromMs: clock.utc(), cause });
    },
    back(device) {
      const away = awaySince.get(device);
      if (away === undefined) return;
      awaySince.delete(device);
      absences.push({ device, ...away, toMs: clock.utc() });
      if (absences.length > MOST_ABSENCES) absences.shift();
    },
    close() {
      clock.save();
      store[Symbol.dispose]();
    },
  };
}

/** A dated reading with what the hub's clock knows: the zone's offset only where the time is known, since it follows from it. */
export function stamped(clock: HubClock, device: string, boot: number, reading: DatedReading): NewMeasurement {
  const zoneMin = clock.isKnown ? clock.zoneMin(reading.endUtcMs) : null;
  return { ...reading, device, boot, hubBoot: clock.hubBoot, isUnset: !clock.isKnown, zoneMin };
}
