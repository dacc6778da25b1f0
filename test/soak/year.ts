/**
 * A year of a home in some seconds: real uplinks, links, vaults on disk, sync and an edge's storage, on one virtual clock, struck by
 * everything that strikes a home. At the end the edge is held against what the devices were acknowledged for.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { createRandom } from '../../hardware/virtual/random.ts';
import { zoneOffsetMin } from '../../hub/ops/clock/zone.ts';
import { type Board, createBoard, DRIFT_BOUND, type Truth } from './board.ts';
import { HUB, openFaultyEdge } from './faulty-edge.ts';
import { type Machine, places, type SimulatedHub, startSimulatedHub, ZONE } from './hub.ts';
import { copyAfterCut, type Image, imageOf, torn } from './power-cut.ts';
import { createWorldTime, settle } from './time.ts';

export interface YearOptions {
  readonly seed: number;
  /** Emptied first. */
  readonly folder: string;
  readonly boards: number;
  /** The world moves on by this. */
  readonly stepMs: number;
  /** Measurements of each device in a step. */
  readonly readings: number;
  readonly cuts: number;
}

export interface YearReport {
  readonly seed: number;
  readonly measured: number;
  readonly acknowledged: number;
  /** Never acknowledged, and gone with the power of their device. */
  readonly lostWithDevice: number;
  readonly atEdge: number;
  /** Acknowledged, and not at the edge. */
  readonly lost: number;
  readonly doubled: number;
  /** At the edge with another value than was measured, or never measured at all. */
  readonly wrong: number;
  /** Said to be synced, and not when it was. */
  readonly misdated: number;
  /** Said to be estimated, by starts of the hub that never learnt the time. */
  readonly estimated: number;
  /** Kept with the offset of another season's time. */
  readonly wrongZone: number;
  readonly amended: number;
  readonly removed: number;
  readonly damaged: readonly string[];
  readonly setAside: number;
  readonly offlineWeeks: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly examples: readonly string[];
}

/** What a year must not show, a sentence each. */
export function yearFaults(report: YearReport): string[] {
  const { lost, doubled, wrong, misdated, wrongZone, setAside, damaged, examples } = report;
  const counts = { lost, doubled, wrong, misdated, 'kept in the wrong zone': wrongZone, 'set aside': setAside };
  const bad = Object.entries(counts).flatMap(([what, number]) => (number === 0 ? [] : [`${number} ${what}`]));
  return bad.length + damaged.length === 0 ? [] : [...bad, ...damaged, ...examples];
}

const START_UTC_MS = Date.UTC(2026, 0, 10);
const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
const YEAR_MS = 365 * 24 * HOUR_MS;
const OFFLINE_WEEKS = 12;
/** Within a step the world is looked at some times more, as the re-sending of devices wants. */
const LOOKS = 2;
const LOOK_MS = 15_000;

export async function simulateYear(options: YearOptions): Promise<YearReport> {
  const { seed, folder, stepMs } = options;
  const random = createRandom(seed);
  const chance = (probability: number): boolean => random.uniform() < probability;
  const between = (least: number, most: number): number => least + random.uniform() * (most - least);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const time = createWorldTime(START_UTC_MS);
  const truths = new Map<string, Truth>();
  const acknowledged = new Set<string>();
  const committedMs = new Map<string, number>();
  const amended = new Map<string, number>();
  const removed = new Set<string>();
  const faults: Record<string, number> = {};
  const count = (fault: string): void => {
    faults[fault] = (faults[fault] ?? 0) + 1;
  };
  const edge = openFaultyEdge(folder, createRandom(seed + 1));
  const boards: Board[] = Array.from({ length: options.boards }, (_, index) =>
    createBoard({ name: `b${index}`, time, random: createRandom(seed + 100 + index), truths, acknowledged }),
  );
  let work = 0;
  let deaths = 0;
  let hubFolder = `${folder}/hub-0`;
  let left: { image: Image; isPower: boolean } | undefined;
  let isPower = false;

  const powerOn = (): Machine => {
    const knownAtMs = chance(0.1) ? Number.POSITIVE_INFINITY : time.elapsedMs + (chance(0.4) ? 0 : between(0, 36 * HOUR_MS));
    // Clocks without a battery: 1970, the last time that was written down, or a day ahead by a wrong setting.
    const wrong = random.uniform();
    const errorMs = wrong < 0.5 ? -time.utcMs : wrong < 0.85 ? -between(0, 48 * HOUR_MS) : between(0, 24 * HOUR_MS);
    const error = (): number => (time.elapsedMs >= knownAtMs ? 0 : errorMs);
    count(wrong < 0.5 ? 'clock began at 1970' : wrong < 0.85 ? 'clock began late' : 'clock began ahead');
    return {
      kernelBoot: `boot-${seed}-${time.elapsedMs}`,
      clock: time.machine(error),
      processClock: () => time.machine(error),
      isTimeKnown: () => time.elapsedMs >= knownAtMs,
    };
  };
  let machine = powerOn();
  let hub: SimulatedHub | undefined;
  const start = async (): Promise<void> => {
    hub = await startSimulatedHub({
      folder: hubFolder,
      machine,
      boards,
      edge,
      random: createRandom(seed + 1000 + deaths).uniform,
      busy: () => work++,
      committed(ids) {
        for (const id of ids) if (!committedMs.has(id)) committedMs.set(id, time.utcMs);
      },
      onDeath(place, after, before) {
        count(isPower ? `power cut: ${place}` : `process killed: ${place}`);
        left = { image: isPower ? torn(before, after, createRandom(seed + 5000 + deaths)) : after, isPower };
      },
    });
  };

  /** Lets everybody do what they can, until nothing moves. */
  const pump = async (): Promise<void> => {
    for (let round = 0, before = -1; before !== work && round < 500; round++) {
      before = work;
      await settle();
    }
  };

  const buryAndRestart = async (): Promise<void> => {
    await hub!.bury();
    const next = `${folder}/hub-${++deaths}`;
    copyAfterCut(hubFolder, next, left!.image);
    rmSync(hubFolder, { recursive: true, force: true });
    hubFolder = next;
    if (left!.isPower) {
      // The home is dark for a while; some devices have the same plug, some a battery.
      for (const board of boards) if (chance(0.3)) board.restart();
      time.advance(between(60_000, chance(0.1) ? 40 * HOUR_MS : HOUR_MS));
      machine = powerOn();
    } else time.advance(between(500, 30_000));
    left = undefined;
    await start();
    await pump();
  };

  const weeks = new Set<number>();
  while (weeks.size < OFFLINE_WEEKS) weeks.add(Math.floor(random.uniform() * 51));
  const cutsAtMs = Array.from({ length: options.cuts }, () => random.uniform() * YEAR_MS).sort((a, b) => a - b);
  const [backUpAtMs, restoreAtMs] = [100 * 24 * HOUR_MS, 104 * 24 * HOUR_MS];
  let isBackedUp = false;
  let isRestored = false;

  /** A person corrects a value or takes one away. */
  const change = async (): Promise<void> => {
    const { store } = hub!;
    const [subject] = store.subjects();
    if (subject === undefined) return;
    const vault = store.vault(subject);
    const [row] = vault.log(Math.floor(random.uniform() * vault.head()), 1);
    if (row === undefined) return;
    const id = `${row.device}/${row.boot}/${row.sequence}`;
    if (chance(0.5)) {
      const value = Math.round(row.value * 100 + 1) / 100;
      await vault.amend(row.seq, value, 'person:ada');
      amended.set(id, value);
    } else {
      await vault.remove([row.seq], 'person:ada');
      removed.add(id);
    }
  };

  const step = async (): Promise<void> => {
    time.advance(Math.max(1, stepMs - LOOKS * LOOK_MS));
    for (const board of boards) {
      if (chance(0.002)) {
        count('device restarted');
        board.restart();
      }
      if (chance(0.01)) {
        count('cable pulled');
        board.line.cut();
      }
      board.measure(options.readings, stepMs - LOOKS * LOOK_MS);
    }
    if (hub === undefined) return;
    const isStruck = cutsAtMs[0] !== undefined && cutsAtMs[0] <= time.elapsedMs;
    isPower = chance(0.7);
    if (isStruck) {
      cutsAtMs.shift();
      if (!chance(0.15)) hub.arm(places[Math.floor(random.uniform() * places.length)]!);
    }
    for (let look = 0; look <= LOOKS && !hub.isDead; look++) {
      if (look > 0) time.advance(LOOK_MS);
      for (const board of boards) board.tick();
      await pump();
      await hub.clock.check().catch((error: unknown) => {
        if (!hub!.isDead) throw error;
      });
    }
    if (isStruck && !hub.isDead) hub.strike(imageOf(hubFolder));
    if (hub.isDead) await buryAndRestart();
    else if (chance(0.08)) await change();
  };

  await start();
  await pump();
  while (time.elapsedMs < YEAR_MS) {
    edge.isOffline = weeks.has(Math.floor(time.elapsedMs / WEEK_MS));
    if (!isBackedUp && time.elapsedMs >= backUpAtMs) {
      isBackedUp = true;
      edge.backUp();
    }
    if (!isRestored && time.elapsedMs >= restoreAtMs) {
      isRestored = true;
      await edge.restore();
    }
    await step();
  }
  // The year is over; what is under way arrives.
  edge.isOffline = false;
  for (let round = 0; round < 400; round++) {
    time.advance(60_000);
    for (const board of boards) board.tick();
    await pump();
    if (boards.every(({ waiting }) => waiting === 0) && hub!.shipper.state().state === 'synced') break;
  }
  const report = await verify();
  hub!.strike();
  await hub!.bury();
  await edge.close();
  return report;

  async function verify(): Promise<YearReport> {
    const { store, ledger } = hub!;
    const examples: string[] = [];
    const example = (text: string): void => {
      if (examples.length < 10) examples.push(text);
    };
    const seen = new Set<string>();
    let [doubled, wrong, misdated, estimated, wrongZone] = [0, 0, 0, 0, 0];
    for (const { vault } of await edge.storage.vaults(HUB)) {
      const rows = await edge.storage.rows(HUB, vault, 0, Number.MAX_SAFE_INTEGER);
      for (const row of rows) {
        const id = `${row.device}/${row.boot}/${row.sequence}`;
        const truth = truths.get(id);
        if (seen.has(id)) doubled++;
        seen.add(id);
        if (truth === undefined || removed.has(id) || row.value !== (amended.get(id) ?? truth.value)) {
          wrong++;
          example(`${id} is ${row.value} at the edge and was ${truth?.value ?? 'never measured'}`);
          continue;
        }
        if (row.timeQuality === 'estimated') {
          estimated++;
          continue;
        }
        const waitedMs = (committedMs.get(id) ?? time.utcMs) - truth.endUtcMs;
        const byMs = row.endUtcMs - truth.endUtcMs;
        if (Math.abs(byMs) > 1000 + waitedMs * DRIFT_BOUND) {
          misdated++;
          example(`${id} is ${Math.round(byMs / 1000)} s off at the edge though ${row.timeQuality}`);
        }
      }
    }
    const damaged: string[] = [];
    for (const subject of store.subjects()) {
      const vault = store.vault(subject);
      damaged.push(...vault.checkIntegrity().map((text) => `${subject}: ${text}`));
      for (const row of vault.log(0, Number.MAX_SAFE_INTEGER)) {
        if (row.timeQuality !== 'synced' || row.zoneMin === null || row.zoneMin === zoneOffsetMin(ZONE, row.end)) continue;
        wrongZone++;
        example(`${row.device}/${row.boot}/${row.sequence} ends ${new Date(row.end).toISOString()}, zone ${row.zoneMin} min`);
      }
    }
    const wanted = [...acknowledged].filter((id) => !removed.has(id));
    const lost = wanted.filter((id) => !seen.has(id));
    for (const id of lost.slice(0, 5)) example(`${id} was acknowledged and is not at the edge`);
    const allFaults = { ...faults, ...edge.faults };
    for (const { line } of boards)
      for (const [fault, times] of Object.entries(line.faults)) allFaults[fault] = (allFaults[fault] ?? 0) + times;
    return {
      seed,
      measured: truths.size,
      acknowledged: acknowledged.size,
      lostWithDevice: [...truths.keys()].filter((id) => !acknowledged.has(id) && !seen.has(id) && !removed.has(id)).length,
      atEdge: seen.size,
      lost: lost.length,
      doubled,
      wrong,
      misdated,
      estimated,
      wrongZone,
      amended: amended.size,
      removed: removed.size,
      damaged,
      setAside: ledger.listAside().length,
      offlineWeeks: weeks.size,
      faults: allFaults,
      examples,
    };
  }
}
