/**
 * The hub's idea of time. A Pi has no battery-backed clock: until a time server, a battery or a person says otherwise, time is the last
 * one known, moved on by monotonic time; it never starts at 1970 and never goes back. Once time is known, everything that a start of the
 * hub dated in the meantime is moved by one number.
 */
import { existsSync, readFileSync } from 'node:fs';
import { type Clock, type UtcMs, utcMs } from '../../../firmware/protocol/time.ts';
import { writeFileAtomic } from '../files.ts';
import { type ClockChange, type StepState, stepOf } from './steps.ts';
import { EARLIEST_SANE_MS, type TimeState } from './time-state.ts';
import { zoneOffsetMin } from './zone.ts';

/** A start of the hub. */
interface HubStart {
  readonly hubBoot: number;
  /** The kernel's id of its boot: within one, time since the boot carries over from one start of the hub to the next. */
  readonly kernelBoot: string;
  /** What UTC was believed to be at the kernel's zero. */
  readonly zeroUtcMs: number;
  readonly isKnown: boolean;
}

interface Remembered {
  readonly lastUtcMs: number;
  readonly starts: readonly HubStart[];
}

/** Measurements of this start of the hub are to be moved. */
export interface Redating {
  readonly hubBoot: number;
  readonly shiftMs: number;
}

export interface HubClock extends Clock {
  readonly isKnown: boolean;
  readonly source: TimeState['source'];
  /** Counts the starts of the hub on this data folder. */
  readonly hubBoot: number;
  /** When the hub was last known to run; undefined at its first start. `wasPower`: the whole machine was off in between. */
  readonly before: { readonly lastUtcMs: number; readonly wasPower: boolean } | undefined;
  readonly lastStep: { readonly byMs: number; readonly atUtcMs: number } | undefined;
  readonly zone: string;
  zoneMin(atUtcMs: number): number | null;
  /** Asks the system again; to be called every now and then. */
  check(): Promise<void>;
  /** Writes the time down, so that the next start begins after it. */
  save(): void;
}

export interface HubClockOptions {
  readonly file: string;
  /** The machine's clocks as they are. */
  readonly clock: Clock;
  readonly kernelBoot: string;
  /** IANA name of the home's zone. */
  readonly zone: string;
  /** Milliseconds since the kernel's zero, sleep included. */
  readonly sinceKernelBoot: () => number;
  readonly probe: (systemMs: number, lastKnownMs: number) => Promise<TimeState>;
  /** Moves the measurements of these starts of the hub. Called once time is known, and again later when it rejected. */
  readonly onKnown: (redatings: readonly Redating[]) => Promise<void>;
  readonly onChange?: (change: Exclude<ClockChange, { kind: 'none' }>) => void;
}

/** A fault that restarts the hub for ever must not grow the file. */
const MOST_STARTS = 50;

export async function openHubClock(options: HubClockOptions): Promise<HubClock> {
  const { file, clock, kernelBoot, zone, sinceKernelBoot, probe, onKnown, onChange = () => undefined } = options;
  const remembered = load(file);
  const hubBoot = (remembered.starts.at(-1)?.hubBoot ?? 0) + 1;
  const lastKnownMs = remembered.lastUtcMs;
  const before = remembered.starts.at(-1);
  let state = await probe(clock.utc(), lastKnownMs);
  let isKnown = state.source !== 'none';
  // A stopped clock can only be late: the later of the two is nearer.
  const startUtcMs = isKnown ? clock.utc() : Math.max(clock.utc(), lastKnownMs, EARLIEST_SANE_MS);
  /** What is added to monotonic time while time is not known; it stays the same, so that one shift corrects all. */
  const believedZeroMs = startUtcMs - clock.monotonic();
  let starts: HubStart[] = [...remembered.starts, { hubBoot, kernelBoot, zeroUtcMs: startUtcMs - sinceKernelBoot(), isKnown }].slice(
    -MOST_STARTS,
  );
  let steps: StepState | undefined;
  let lastStep: { byMs: number; atUtcMs: number } | undefined;

  // Whole milliseconds, as every clock's: monotonic time has fractions.
  const utc = (): UtcMs => (isKnown ? clock.utc() : utcMs(Math.round(believedZeroMs + clock.monotonic())));
  const save = (): void => writeFileAtomic(file, JSON.stringify({ lastUtcMs: Math.max(lastKnownMs, utc()), starts } satisfies Remembered));

  /** Moves what earlier starts of the hub within this boot of the machine, and this one, dated without knowing. */
  const settle = async (): Promise<void> => {
    const zeroUtcMs = clock.utc() - sinceKernelBoot();
    const open = starts.filter((start) => !start.isKnown && start.kernelBoot === kernelBoot);
    if (!isKnown || open.length === 0) return;
    await onKnown(open.map((start) => ({ hubBoot: start.hubBoot, shiftMs: zeroUtcMs - start.zeroUtcMs })));
    starts = starts.map((start) => (open.includes(start) ? { ...start, zeroUtcMs, isKnown: true } : start));
    save();
  };

  save();
  await settle();

  return {
    monotonic: clock.monotonic,
    sleep: clock.sleep,
    utc,
    get isKnown() {
      return isKnown;
    },
    get source() {
      return state.source;
    },
    hubBoot,
    before: before === undefined ? undefined : { lastUtcMs: lastKnownMs, wasPower: before.kernelBoot !== kernelBoot },
    get lastStep() {
      return lastStep;
    },
    zone,
    zoneMin: (atUtcMs) => zoneOffsetMin(zone, atUtcMs),
    async check() {
      const [next, change] = stepOf(steps, clock.monotonic(), clock.utc());
      steps = next;
      if (change.kind !== 'none') {
        // While time is not known a step is how it becomes known, and no surprise.
        if (isKnown) {
          if (change.kind === 'step') lastStep = { byMs: change.byMs, atUtcMs: clock.utc() };
          onChange(change);
        }
      }
      const found = await probe(clock.utc(), lastKnownMs);
      // A server that is away for a while does not take away what is known.
      if (found.source !== 'none') {
        state = found;
        isKnown = true;
      }
      await settle();
    },
    save,
  };
}

function load(file: string): Remembered {
  const nothing = { lastUtcMs: 0, starts: [] };
  if (!existsSync(file)) return nothing;
  try {
    const { lastUtcMs, starts } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Remembered>;
    if (typeof lastUtcMs !== 'number' || !Number.isFinite(lastUtcMs) || !Array.isArray(starts)) return nothing;
    return { lastUtcMs, starts: (starts as readonly HubStart[]).filter(({ hubBoot }) => Number.isInteger(hubBoot)) };
  } catch {
    // A torn file costs an estimate, no measurement.
    return nothing;
  }
}
