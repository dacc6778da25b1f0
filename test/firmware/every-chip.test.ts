/**
 * Every chip of the registry on the virtual rig, the whole way: twins behind a Firmata board or serial ports on real ptys, johnny-five and
 * serialport, the driver. Time runs faster for both sides, so that a sensor that measures each five seconds takes one.
 */
import t from 'tap';
import { type Board, openPiBoard } from '../../firmware/buses/board.ts';
import { BusError } from '../../firmware/buses/bus.ts';
import { openFirmataBoard } from '../../firmware/buses/firmata.ts';
import { type AirRow, airChips, type LoadCellRow, loadCellChips, type MotionRow, motionChips } from '../../firmware/chips/registry.ts';
import { systemClock } from '../../firmware/clock.ts';
import { createAlarm } from '../../firmware/devices/alarm.ts';
import { openChip } from '../../firmware/devices/open-chip.ts';
import type { QuantityId } from '../../firmware/protocol/quantities.ts';
import { type Clock, monotonicMs } from '../../firmware/protocol/time.ts';
import { type Chosen, chipsOf, onVirtualRig, parseRig, type RigDevice } from '../../firmware/rig.ts';
import { startVirtualRig } from '../../hardware/virtual/rig.ts';

const FASTER = 4;
const KG = 72.35;
/** Of the machine's own time, which a busy one stretches. */
const WITHIN_MS = 30_000;
const nowMs = (): number => performance.now() * FASTER;
const clock: Clock = {
  monotonic: () => monotonicMs(nowMs()),
  utc: systemClock.utc,
  sleep: (ms, signal) => systemClock.sleep(ms / FASTER, signal),
};
const around = { clock, air: () => undefined, pressureHpa: () => undefined };

/** Looks at a chip until it has said all that is awaited of it. */
async function until<Seen>(look: () => Promise<Seen | undefined>, everyMs: number, what: string): Promise<Seen> {
  const startMs = performance.now();
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() - startMs > WITHIN_MS) throw new Error(`${what}: nothing within ${WITHIN_MS / 1000} s`);
    await clock.sleep(everyMs);
  }
}

/** A device program starts a chip again that did not answer in time; on a busy machine with quick clocks some do not at once. */
const unlessBus = async <Seen>(work: Promise<Seen>): Promise<Seen | undefined> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BusError) return undefined;
    throw error;
  }
};

async function airOf(row: AirRow, chosen: Chosen<string>, board: Board): Promise<Map<QuantityId, number>> {
  const { chip, close } = await until(() => unlessBus(openChip(row, chosen, board, around)), 100, chosen.chip);
  const seen = new Map<QuantityId, number>();
  const look = async () => {
    const reading = await unlessBus(chip.read());
    if (reading?.kind === 'values') for (const [id, value] of Object.entries(reading.values)) seen.set(id as QuantityId, value);
    return row.quantities.every((id) => seen.has(id)) ? seen : undefined;
  };
  await until(look, row.everyMs, chosen.chip);
  await chip.stop?.();
  await close();
  return seen;
}

async function loadOf(row: LoadCellRow, chosen: Chosen<string>, board: Board): Promise<number> {
  const { chip, close } = await until(() => unlessBus(openChip(row, chosen, board, around)), 100, chosen.chip);
  const look = async () => {
    const reading = await unlessBus(chip.read());
    const kg = reading?.kind === 'counts' ? (reading.counts - 84_000) / 21_500 : reading?.kind === 'mass' ? reading.kg : undefined;
    // Who steps on is not there at once.
    return kg !== undefined && Math.abs(kg - KG) < 10 ? kg : undefined;
  };
  const kg = await until(look, 10, chosen.chip);
  await close();
  return kg;
}

async function motionOf(row: MotionRow, chosen: Chosen<string>, board: Board): Promise<number> {
  const { chip, close } = await until(() => unlessBus(openChip(row, chosen, board, around)), 100, chosen.chip);
  const look = async () => (await unlessBus(chip.read()))?.samples.at(-1);
  const [x, y, z] = await until(look, 100, chosen.chip);
  await close();
  return Math.hypot(x, y, z);
}

const calibration = 'calibration: { zeroCounts: 84000, countsPerKg: 21500, date: "2026-11-01" }';
const deviceOf = (kind: 'scale' | 'tracker' | 'home', chip: string, place: string): string => {
  const part = {
    scale: `loadCell: { chip: ${chip}${place} }, ${calibration}`,
    tracker: `accelerometer: { chip: ${chip}${place} }`,
    home: `air: { chip: ${chip}${place} }`,
  };
  return `      - { kind: ${kind}, id: ${chip}, name: ${chip}, ${part[kind]} }`;
};
const rows: readonly (readonly ['scale' | 'tracker' | 'home', string, AirRow | LoadCellRow | MotionRow])[] = [
  ...Object.entries(loadCellChips).map(([chip, row]) => ['scale', chip, row] as const),
  ...Object.entries(motionChips).map(([chip, row]) => ['tracker', chip, row] as const),
  ...Object.entries(airChips).map(([chip, row]) => ['home', chip, row] as const),
];

/** Brings up a rig with these devices and reads the chip of each; a person of 72.35 kg stands on its scales. */
async function readEach(
  t: { testdir(): string; teardown(then: () => unknown): void; ok(holds: boolean, what: string): unknown },
  header: string,
  devices: readonly string[],
  inTurn: boolean,
): Promise<void> {
  const folder = t.testdir();
  const rig = parseRig(`name: r\nboards:\n  - ${header}\n    devices:\n${devices.join('\n')}\n`, 'rig.yaml');
  const virtual = startVirtualRig({ folder, rig, nowMs, isQuiet: true });
  t.teardown(() => virtual[Symbol.dispose]());
  virtual.scene.stepOn(KG);
  const [placed] = onVirtualRig(rig, folder).boards;
  const board = placed!.protocol === 'pi' ? await openPiBoard(clock, 1) : await openFirmataBoard(placed!.port, clock);
  const read = async (device: RigDevice): Promise<void> => {
    const [chosen] = chipsOf(device);
    if (device.kind === 'home') {
      const row: AirRow = airChips[chosen!.chip as keyof typeof airChips];
      const seen = await airOf(row, chosen!, board);
      t.ok(
        row.quantities.every((id) => Number.isFinite(seen.get(id))),
        `${chosen!.chip}: ${[...seen.keys()].join(' ')}`,
      );
    } else if (device.kind === 'tracker') {
      const lengthG = await motionOf(motionChips[device.accelerometer.chip], chosen!, board);
      t.ok(Math.abs(lengthG - 1) < 0.1, `${chosen!.chip}: ${lengthG} g`);
    } else if (device.kind !== 'alarm' && device.kind !== 'shutter') {
      const kg = await loadOf(loadCellChips[device.loadCell.chip], chosen!, board);
      t.ok(Math.abs(kg - KG) < 10, `${chosen!.chip}: ${kg} kg`);
    }
  };
  if (inTurn) for (const device of placed!.devices) await read(device);
  else await Promise.all(placed!.devices.map(read));
  await board.close();
}

t.test('a buzzer on a pin of the board sounds in its rhythm while the hub says so, and is silent then', async (t) => {
  const folder = t.testdir({});
  const rig = parseRig(
    'name: bell\nboards:\n  - {name: b, port: virtual, protocol: firmata, devices: [{kind: alarm, id: bell, name: Bell, pin: 8, output: buzzer}]}',
    'bell.yaml',
  );
  const virtual = startVirtualRig({ folder, rig, nowMs });
  t.teardown(() => virtual[Symbol.dispose]());
  const [placed] = onVirtualRig(rig, folder).boards;
  if (placed?.protocol !== 'firmata' || placed.devices[0]?.kind !== 'alarm') throw new Error('no bell');
  const board = await openFirmataBoard(placed.port, clock);
  t.throws(() => board.output(0), { message: /cannot switch pin 0/ }, 'the serial line itself is no output');
  const bell = createAlarm(placed.devices[0]);
  const stop = new AbortController();
  const none = (): void => undefined;
  const running = bell.run({ board, clock, signal: stop.signal, measured: none, live: none, status: none });
  const pin = (value: number): Promise<true> =>
    until(async () => (virtual.boards.get('board-b')!.output(8) === value ? true : undefined), 5, `pin 8 at ${value}`);
  await pin(0);
  bell.alarm!(true);
  for (const value of [1, 0, 1]) await pin(value);
  bell.alarm!(false);
  await pin(0);
  bell.alarm!(true);
  await pin(1);
  stop.abort();
  await running;
  await pin(0);
  await board.close();
});

t.test('every chip on I2C answers through johnny-five and a Firmata board', async (t) => {
  const onI2c = rows.filter(([, , { bus }]) => bus === 'i2c');
  // One of two chips that share an address at a time: SCD40 and SCD41, SGP40 and SGP41, SHT3x and SHT4x.
  const twins = new Set(['scd40', 'sgp40', 'sht3x']);
  const both = [onI2c.filter(([, chip]) => !twins.has(chip)), onI2c.filter(([, chip]) => twins.has(chip))];
  for (const some of both) {
    await readEach(
      t,
      'name: b\n    port: virtual\n    protocol: firmata',
      some.map(([kind, chip]) => deviceOf(kind, chip, '')),
      true,
    );
  }
});

t.test('every chip and instrument on a serial line answers through serialport', async (t) => {
  const devices = rows
    .filter(([, , { bus }]) => bus !== 'i2c')
    .map(([kind, chip, { settings }]) =>
      deviceOf(kind, chip, `, uart: virtual${settings.some((name) => name === 'warmUpS') ? ', warmUpS: 0' : ''}`),
    );
  // A board takes sixteen devices.
  for (const some of [devices.slice(0, 12), devices.slice(12)]) await readEach(t, 'name: b\n    protocol: pi', some, false);
});
