/**
 * `hearth device test`: each chip of a rig file by itself, as somebody at a bench wants it: is it there, does it find itself sound, what does it
 * read. Nothing is kept and no hub is told.
 */
import type { Board } from './buses/board.ts';
import type { ChipOfValues } from './chips/chip-reading.ts';
import type { LoadCell } from './chips/load-cell.ts';
import { type AccelG, type MotionChip, meanG } from './chips/motion-chip.ts';
import { airChips, loadCellChips, motionChips } from './chips/registry.ts';
import { openChip } from './devices/open-chip.ts';
import type { Clock } from './protocol/time.ts';
import { airOf, type Chosen, type RigDevice } from './rig.ts';

export interface Trial {
  readonly device: string;
  readonly chip: string;
  readonly isWell: boolean;
  /** What it read, or what is wrong and what to do. */
  readonly words: string;
}

/** Long enough to see a rate and noise; a person waits for it. */
const READ_MS = 3000;
const POLL_MS = 12;
/** A chip of which no value came within this is not well; the slowest here says one each 30 s. */
const VALUE_MS = 60_000;
/** At rest an accelerometer shows gravity, this near (offsets of the datasheets, 0.15 g at most). */
const GRAVITY_G = { least: 0.8, most: 1.2 } as const;

type Found = Pick<Trial, 'isWell' | 'words'>;
const around = (clock: Clock) => ({ clock, air: () => undefined, pressureHpa: () => undefined });

/** The chips of devices on an open board, one after the other; one that fails is said and does not end it. */
export async function* tryChips(board: Board, devices: readonly RigDevice[], clock: Clock): AsyncGenerator<Trial> {
  for (const device of devices)
    for (const [chosen, look] of looksOf(device)) {
      const found = await look(board, clock).catch((error: unknown): Found => {
        return { isWell: false, words: error instanceof Error ? error.message : String(error) };
      });
      yield { device: device.id, chip: chosen.chip, ...found };
    }
}

type Look = (board: Board, clock: Clock) => Promise<Found>;

/** A row of the registry, with how what it opens is looked at. */
const lookOf =
  <Chip>(row: Parameters<typeof openChip<Chip>>[0], chosen: Chosen<string>, look: (chip: Chip, clock: Clock) => Promise<Found>): Look =>
  async (board, clock) => {
    const { chip, close } = await openChip(row, chosen, board, around(clock));
    try {
      return await look(chip, clock);
    } finally {
      await close();
    }
  };

function looksOf(device: RigDevice): (readonly [Chosen<string>, Look])[] {
  switch (device.kind) {
    case 'scale':
    case 'bed':
      return [[device.loadCell, lookOf(loadCellChips[device.loadCell.chip], device.loadCell, tryLoadCell)]];
    case 'tracker':
      return [[device.accelerometer, lookOf(motionChips[device.accelerometer.chip], device.accelerometer, tryMotion)]];
    case 'home':
      return airOf(device).map((chosen) => [chosen, lookOf(airChips[chosen.chip], chosen, tryAir)]);
    case 'alarm':
    case 'shutter':
      return [];
  }
}

async function tryLoadCell(chip: LoadCell, clock: Clock): Promise<Found> {
  const values: number[] = [];
  let saturated = 0;
  let spoiled = 0;
  const unit = chip.limits === undefined ? 'kg' : 'counts';
  for (const endMs = clock.monotonic() + READ_MS; clock.monotonic() < endMs; await clock.sleep(POLL_MS)) {
    const reading = await chip.read();
    if (reading.kind === 'counts') values.push(reading.counts);
    if (reading.kind === 'mass') values.push(reading.kg);
    if (reading.kind === 'counts' && reading.isSaturated) saturated++;
    if (reading.kind === 'spoiled') spoiled++;
    if (reading.kind === 'overload' || reading.kind === 'underload')
      return { isWell: false, words: `it says ${reading.kind}: clear the plate, and look at its feet` };
  }
  if (values.length === 0) return { isWell: false, words: `no reading came in ${READ_MS / 1000} s: check its supply and its wires` };
  if (saturated > 0)
    return {
      isWell: false,
      words: 'the converter is at the end of its scale: check the wires of the load cell (E+, E-, A+, A-), or its gain',
    };
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const sd = Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length);
  if (sd === 0 && chip.rateHz !== undefined)
    return { isWell: false, words: `it gives ${mean} again and again, without any noise: its input is not connected or shorted (A+, A-)` };
  const digits = unit === 'kg' ? 3 : 0;
  const lost = spoiled === 0 ? '' : `, ${spoiled} spoiled on the way`;
  return { isWell: true, words: `${mean.toFixed(digits)} ${unit}, noise ${sd.toFixed(digits)}, ${rate(values.length)}${lost}` };
}

async function tryMotion(chip: MotionChip, clock: Clock): Promise<Found> {
  const { isPassed, changesG } = await chip.selfTest();
  const moved = `its self-test moved it by ${changesG.map((g) => g.toFixed(2)).join(', ')} g`;
  if (!isPassed) return { isWell: false, words: `${moved}, which is outside its datasheet: lay it still and try again; else it is broken` };
  const samples: AccelG[] = [];
  for (const endMs = clock.monotonic() + READ_MS; clock.monotonic() < endMs; await clock.sleep(POLL_MS))
    samples.push(...(await chip.read()).samples);
  if (samples.length === 0) return { isWell: false, words: `no sample came in ${READ_MS / 1000} s: check its supply` };
  const lengthG = Math.hypot(...meanG(samples));
  const words = `${lengthG.toFixed(3)} g at rest, ${rate(samples.length)} of ${chip.rateHz}; ${moved}`;
  return { isWell: lengthG >= GRAVITY_G.least && lengthG <= GRAVITY_G.most, words };
}

async function tryAir(chip: ChipOfValues, clock: Clock): Promise<Found> {
  await chip.selfTest?.();
  try {
    for (const endMs = clock.monotonic() + VALUE_MS; clock.monotonic() < endMs; await clock.sleep(500)) {
      const reading = await chip.read();
      if (reading.kind === 'warming-up') return { isWell: true, words: `it is there; ${reading.message}` };
      if (reading.kind === 'spoiled') return { isWell: false, words: reading.message };
      if (reading.kind !== 'values') continue;
      const values = Object.entries(reading.values).map(([id, value]) => `${id} ${Number(value.toFixed(2))}`);
      return { isWell: true, words: `${values.join(', ')}${chip.selfTest === undefined ? '' : '; its self-test passed'}` };
    }
  } finally {
    await chip.stop?.();
  }
  return { isWell: false, words: `no value came in ${VALUE_MS / 1000} s: check its supply and its wires` };
}

const rate = (count: number): string => `${((count * 1000) / READ_MS).toFixed(1)} a second`;
