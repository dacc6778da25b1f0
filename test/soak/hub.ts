/** A hub of real parts on a folder: clock, store, links and sync. It dies where it is told to. */
import type { Clock } from '../../firmware/protocol/time.ts';
import { type HubClock, openHubClock, type Redating } from '../../hub/ops/clock/hub-clock.ts';
import { GROUP_MS, stamped, TRICKLE_MS } from '../../hub/ops/keeping.ts';
import { openPeople } from '../../hub/people/people.ts';
import type { DatedReading } from '../../hub/sources/dating.ts';
import { keepSerialLink } from '../../hub/sources/serial.ts';
import { openStore, type Store } from '../../hub/store/store.ts';
import { type Ledger, openLedger } from '../../hub/sync/ledger.ts';
import { everything } from '../../hub/sync/selection.ts';
import { type Shipper, startShipper } from '../../hub/sync/shipper.ts';
import type { Board } from './board.ts';
import type { FaultyEdge } from './faulty-edge.ts';
import { type Image, imageOf } from './power-cut.ts';

export const ZONE = 'Europe/Paris';

/** Where a hub can be struck. */
export const places = ['in a commit', 'before an acknowledgement', 'in a delivery', 'as time becomes known'] as const;
export type Place = (typeof places)[number];

/** A machine under the hub, from one power-on to the next. */
export interface Machine {
  readonly kernelBoot: string;
  /** Of the kernel: its zero is the power-on. */
  readonly clock: Clock;
  readonly isTimeKnown: () => boolean;
  /** Clock of a program that starts now. */
  readonly processClock: () => Clock;
}

export interface SimulatedHub {
  readonly clock: HubClock;
  readonly store: Store;
  readonly shipper: Shipper;
  readonly ledger: Ledger;
  /** Strikes the next time that the hub passes there. */
  arm(place: Place): void;
  readonly isDead: boolean;
  /** Dies here and now. */
  strike(image?: Image): void;
  /** Closes the files; what the cut left was read before. */
  bury(): Promise<void>;
}

export interface HubOptions {
  readonly folder: string;
  readonly machine: Machine;
  readonly boards: readonly Board[];
  readonly edge: FaultyEdge;
  readonly random: () => number;
  /** Told of work done, so that the world waits for it. */
  readonly busy: () => void;
  readonly committed: (ids: readonly string[]) => void;
  /** The hub died: what is on its disk now, and what was before the write that it died in. */
  readonly onDeath: (place: Place | 'idle', after: Image, before: Image) => void;
}

class Dead extends Error {
  override readonly name = 'Dead';
}

export async function startSimulatedHub(options: HubOptions): Promise<SimulatedHub> {
  const { folder, machine, boards, edge, random, busy, committed, onDeath } = options;
  const stop = new AbortController();
  const { signal } = stop;
  let armed: Place | undefined;
  let isDead = false;
  const die = (place: Place | 'idle', after: Image, before: Image): void => {
    if (isDead) return;
    isDead = true;
    onDeath(place, after, before);
    for (const { line } of boards) line.cut();
    stop.abort(new Dead('no power'));
  };
  const pass = (place: Place): void => {
    if (isDead) throw new Dead('no power');
    if (armed !== place) return;
    const image = imageOf(folder);
    die(place, image, image);
    throw new Dead('no power');
  };

  let now = (): number => 0;
  const processClock = machine.processClock();
  /** What was on the disk when the last write began: a cut may fall into it, and nothing of it was acknowledged yet. */
  let beforeWrite: Image | undefined;
  const store = openStore(folder, {
    now() {
      if (armed === 'in a commit' && !isDead) beforeWrite = imageOf(folder);
      return now();
    },
    groupMs: GROUP_MS,
    trickleMs: TRICKLE_MS,
    monotonic: processClock.monotonic,
    later(work, ms) {
      const end = new AbortController();
      processClock.sleep(ms, end.signal).then(work, () => undefined);
      return () => end.abort();
    },
  });
  now = processClock.utc;
  const onKnown = async (redatings: readonly Redating[]): Promise<void> => {
    for (const { hubBoot, shiftMs } of redatings)
      for (const subject of store.subjects()) {
        await store.vault(subject).redate(hubBoot, shiftMs, 'hub');
        pass('as time becomes known');
      }
  };
  const clock = await openHubClock({
    file: `${folder}/clock.json`,
    clock: processClock,
    kernelBoot: machine.kernelBoot,
    zone: ZONE,
    sinceKernelBoot: machine.clock.monotonic,
    probe: async () => ({ source: machine.isTimeKnown() ? 'ntp' : 'none' }),
    onKnown,
  });
  now = clock.utc;
  const people = openPeople({ data: folder, store, zone: ZONE, now });

  const commit = async (device: string, boot: number, readings: readonly DatedReading[]): Promise<void> => {
    busy();
    const rows = readings.map((reading) => stamped(clock, device, boot, reading));
    await people.attribution.keep(device, boot, rows);
    if (isDead) throw new Dead('no power');
    committed(rows.map(({ sequence }) => `${device}/${boot}/${sequence}`));
    if (beforeWrite !== undefined && armed === 'in a commit') die('in a commit', imageOf(folder), beforeWrite);
    pass('before an acknowledgement');
    busy();
    shipper.wake();
  };
  const ledger = openLedger(`${folder}/sync.db`);
  const target = edge.target(clock);
  const shipper = startShipper({
    source: store,
    target: {
      ...target,
      async send(delivery, ends) {
        busy();
        const delivered = await target.send(delivery, ends);
        pass('in a delivery');
        busy();
        return delivered;
      },
    },
    selection: everything,
    ledger,
    outOfRegion: () => undefined,
    clock,
    signal,
    random,
  });
  const links = boards.map((board) =>
    keepSerialLink({
      name: 'board',
      open: async () => {
        const end = board.line.openHubEnd();
        queueMicrotask(() => board.connected());
        return end;
      },
      events: {
        hello: () => undefined,
        commit,
        live: () => undefined,
        status: () => undefined,
        fault: () => undefined,
        refused: () => undefined,
      },
      onState: () => undefined,
      clock,
      signal,
    }),
  );

  return {
    clock,
    store,
    shipper,
    ledger,
    arm(place) {
      armed = place;
    },
    get isDead() {
      return isDead;
    },
    strike(image = imageOf(folder)) {
      die('idle', image, image);
    },
    async bury() {
      await Promise.all([shipper.done, ...links.map(({ done }) => done)]);
      store[Symbol.dispose]();
      people[Symbol.dispose]();
      ledger[Symbol.dispose]();
    },
  };
}
