/** Calibrating through the hub: mass by mass, versions in the log, what a weight names, and old readings weighed again. */
import t, { type Test } from 'tap';
import type { Command } from '../../../firmware/protocol/messages.ts';
import { type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import { calibrationOf, statedOf } from '../../../firmware/signal/calibration.ts';
import { idleDrift } from '../../../hub/derived/idle-drift.ts';
import { revalued, withProvenance } from '../../../hub/derived/weighed.ts';
import { HOME } from '../../../hub/people/subjects.ts';
import { openCalibrations } from '../../../hub/sources/calibrations.ts';
import { type DriftCorrectionOptions, openDriftCorrection } from '../../../hub/sources/drift-correction.ts';
import { openStore } from '../../../hub/store/store.ts';
import type { NewMeasurement } from '../../../hub/store/vault.ts';

type Plate = ReturnType<DriftCorrectionOptions['devices']>[number];
const DAY_MS = 86_400_000;
const NOON = Date.UTC(2026, 10, 24, 12);
const rig = { version: 1, date: '2026-11-01', zeroCounts: 84_000, countsPerKg: 20_000, points: [] } as const;

function openHub(t: Test, folder = t.testdir({}), isThere = true) {
  const store = openStore(folder);
  const sent: Command[] = [];
  const calibrations = openCalibrations({
    store,
    command: (_, command) => isThere && sent.push(command) > 0,
    now: () => NOON,
    failed: (message) => t.fail(message),
  });
  let sequence = 0;
  const row = (quantity: QuantityId, value: number, endUtcMs = NOON, spanMs = 0): NewMeasurement => ({
    device: 'scale',
    boot: 7,
    sequence: ++sequence,
    code: quantities[quantity].code,
    value,
    endUtcMs,
    spanMs,
    timeQuality: 'synced',
  });
  return { folder, store, sent, calibrations, row, close: () => store[Symbol.dispose]() };
}

t.test('three masses make a version: residuals, uncertainty, in the log, given to the device, there again after a restart', async (t) => {
  const { folder, sent, calibrations, row, close } = openHub(t);
  calibrations.stated('scale', rig);
  for (const [massKg, counts] of [
    [0, 84_010],
    [10, 299_000],
    [20, 514_030],
  ] as const) {
    calibrations.measure('scale', massKg, 0.003);
    t.same(sent.at(-1), { name: 'sample' });
    t.match(calibrations.session('scale'), { awaited: { massKg } });
    calibrations.heard('scale', [row('weight', 3)]);
    t.match(calibrations.session('scale'), { awaited: { massKg } }, 'another reading is not it');
    calibrations.heard('scale', [row('calibration_counts', counts)]);
    t.equal(calibrations.session('scale')?.awaited, undefined);
  }
  const preview = calibrations.session('scale')!.preview!;
  t.ok(Math.abs(preview.countsPerKg - 21_501) < 0.6 && preview.residualSdKg! > 0, JSON.stringify(preview));
  const made = await calibrations.finish('scale', 'person:anna');
  t.equal(made.version, 2);
  t.match(sent.at(-1), { name: 'calibrate', calibration: { version: 2, countsPerKg: made.countsPerKg } });
  t.equal(calibrations.session('scale'), undefined);
  close();

  const again = openHub(t, folder);
  t.teardown(again.close);
  t.same(
    again.calibrations.versions('scale').map(({ version }) => version),
    [1, 2],
  );
  t.same(again.calibrations.versions('scale')[1], made, 'to the last digit');
  const back = await again.calibrations.restore('scale', 1, 'person:anna');
  t.match(back, { version: 3, countsPerKg: 20_000 });
  again.calibrations.stated('scale', { ...rig, version: 3, date: back.date });
  t.equal(again.calibrations.versions('scale').length, 3, 'what the device says of it is not new');
});

t.test('what fixes no line is refused with what to do, and a device that is away changes nothing', async (t) => {
  const here = openHub(t);
  t.teardown(here.close);
  await t.rejects(here.calibrations.finish('scale', 'x'), { message: /no mass was measured/ });
  here.calibrations.measure('scale', 10, 0);
  here.calibrations.heard('scale', [here.row('calibration_counts', 5)]);
  await t.rejects(here.calibrations.finish('scale', 'x'), { message: /add the empty plate/ });
  here.calibrations.measure('scale', 0, 0);
  here.calibrations.heard('scale', [here.row('calibration_counts', 900)]);
  await t.rejects(here.calibrations.finish('scale', 'x'), { message: /A\+ and A-/ });
  const away = openHub(t, t.testdir({ away: {} }), false);
  t.teardown(away.close);
  t.throws(() => away.calibrations.measure('scale', 0, 0), { message: /not connected/ });
  t.same(away.calibrations.versions('scale'), []);
});

t.test('a weight names the counts and the calibration that it came from, and is weighed again by another', async (t) => {
  const { store, row, close, calibrations } = openHub(t);
  t.teardown(close);
  calibrations.stated('scale', rig);
  const rows = withProvenance([
    row('weight', 70, NOON, 2500),
    row('load_cell_counts', 84_000 + 70 * 20_000, NOON, 2500),
    row('load_cell_zero', 84_000, NOON, 2500),
    row('calibration_version', 1, NOON, 2500),
    row('weight', 60, NOON + 60_000, 2500),
  ]);
  t.same(rows[0]!.provenance, { algorithm: 'standing-mean', version: '2', inputs: ['scale/7/2', 'scale/7/3', 'scale/7/4'] });
  t.equal(rows[4]!.provenance, undefined, 'one that came without is left as it is');
  const isWeight = ({ code }: NewMeasurement): boolean => code === quantities.weight.code;
  const [first] = await store.vault('anna').commit(rows.filter(isWeight));
  await store.vault(HOME).commit(rows.filter((one) => !isWeight(one)));
  const better = { ...calibrations.versions('scale')[0]!, countsPerKg: 21_000 };
  const found = revalued(store.vault('anna'), store.vault(HOME), 'scale', better, 0, NOON + 3_600_000);
  t.match(found, [{ seq: first!.seq, version: 1, beforeKg: 70 }]);
  t.ok(Math.abs(found[0]!.afterKg - (70 * 20) / 21) < 1e-9);
  t.same(revalued(store.vault('anna'), store.vault(HOME), 'scale', calibrations.versions('scale')[0]!, 0, NOON + 3_600_000), []);
});

t.test(
  'the empty plate’s drift with the room’s temperature is fitted, with the scatter before and after; without a thermometer it says so',
  async (t) => {
    const { store, row, close } = openHub(t);
    t.teardown(close);
    const home = store.vault(HOME);
    const inUse = calibrationOf({ ...rig, countsPerKg: 21_500 });
    const hours = Array.from({ length: 96 }, (_, hour) => NOON + hour * 1_800_000);
    const warm = (at: number): number => 20 + 3 * Math.sin((at - NOON) / 1.4e7);
    await home.commit(hours.map((at, index) => row('load_cell_counts', 84_000 + 21_500 * 0.01 * (warm(at) - 20) + (index % 2) * 4, at)));
    t.match(idleDrift(home, 'scale', inUse, NOON, hours.at(-1)! + 1), { kind: 'unknown', because: /thermometer/ });
    await home.commit(hours.map((at) => row('temperature', warm(at), at + 60_000)));
    const found = idleDrift(home, 'scale', inUse, NOON, hours.at(-1)! + 1);
    if (found.kind !== 'fitted') throw new Error(found.because);
    t.ok(Math.abs(found.model.kgPerC - 0.01) < 0.001, String(found.model.kgPerC));
    t.ok(found.model.sigmaAfterKg < found.sigmaNowKg / 10);
    t.match(found, { thermometer: 'scale', isWorthIt: true, isSmall: true });
  },
);

/** Two weeks of a plate that reads `kgPerC` more for each degree and `zeroKg` more at 20 degrees, beside a thermometer in its room and one in another. */
async function drifting({ store, row }: ReturnType<typeof openHub>, kgPerC: number, zeroKg: number): Promise<void> {
  const days = Array.from({ length: 14 * 24 }, (_, hour) => NOON - 14 * DAY_MS + hour * 3_600_000);
  const warm = (at: number): number => 20 + 3 * Math.sin((at - NOON) / 1.4e7);
  const of = (device: string, one: NewMeasurement): NewMeasurement => ({ ...one, device });
  await store
    .vault(HOME)
    .commit(
      days.flatMap((at, index) => [
        row('load_cell_counts', 84_000 + 20_000 * (zeroKg + kgPerC * (warm(at) - 20)) + (index % 2) * 4, at),
        of('room', row('temperature', warm(at), at)),
        of('attic', row('temperature', 10 + (index % 7), at)),
      ]),
    );
}

t.test(
  'a small drift is taken off at night, a week after the last calibration, as a version that follows the right thermometer',
  async (t) => {
    const hub = openHub(t);
    t.teardown(hub.close);
    const { store, calibrations, sent } = hub;
    const scale = { id: 'scale', connected: true, state: 'running', plate: 'ready' } as { -readonly [K in keyof Plate]: Plate[K] };
    let nowMs = NOON;
    const drift = openDriftCorrection({ store, calibrations, devices: () => [scale], now: () => nowMs });
    t.match(drift.report('scale'), { kind: 'unknown' });
    calibrations.stated('scale', { ...rig, date: new Date(NOON - 6 * DAY_MS).toISOString() });
    await drifting(hub, 0.01, 0.06);
    await drift.look();
    t.same(sent, [], 'not in its first week');
    nowMs += 2 * DAY_MS;
    scale.plate = 'occupied';
    await drift.look();
    t.same(sent, [], 'nor while somebody is on it');
    scale.plate = 'ready';
    await drift.look();
    const made = calibrations.inUse('scale')!;
    t.match(sent.at(-1), { name: 'calibrate', calibration: { version: 2, drift: { thermometer: 'room' } } });
    t.ok(Math.abs(made.drift!.kgPerC - 0.01) < 0.001, JSON.stringify(made.drift));
    const atTwenty = (made.zeroCounts - 84_000) / 20_000 + made.drift!.kgPerC * (20 - made.drift!.referenceC);
    t.ok(Math.abs(atTwenty - 0.06) < 0.003, `zero moved by ${atTwenty} kg`);
    t.same(calibrations.versions('scale').at(-1), made, 'it is in the log as it is');

    calibrations.heard('attic', [hub.row('temperature', 11)]);
    calibrations.heard('room', [hub.row('temperature', 22.5)]);
    calibrations.heard('room', [hub.row('temperature', 22.6)]);
    t.same(sent.slice(1), [{ name: 'temperature', celsius: 22.5 }], 'its thermometer’s word, once a minute');
    calibrations.stated('scale', statedOf(made));
    t.match(sent.at(-1), { name: 'temperature', celsius: 22.5 }, 'again when the device starts');

    await calibrations.restore('scale', 1, 'person:anna');
    nowMs += 30 * DAY_MS;
    await drift.look();
    t.equal(calibrations.inUse('scale')?.version, 3, 'what a person went back to waits for their word');
  },
);

t.test('a large drift waits for a person', async (t) => {
  const hub = openHub(t);
  t.teardown(hub.close);
  const { store, calibrations, sent } = hub;
  const drift = openDriftCorrection({
    store,
    calibrations,
    devices: () => [{ id: 'scale', connected: true, state: 'running' }],
    now: () => NOON,
  });
  calibrations.stated('scale', rig);
  await t.rejects(drift.apply('scale', 'person:anna'), { message: /nothing was measured|no thermometer/ });
  await drifting(hub, 0.01, 0.4);
  await drift.look();
  t.same(sent, []);
  t.match(drift.report('scale'), { isWorthIt: true, isSmall: false });
  t.match(await drift.apply('scale', 'person:anna'), { version: 2, countsPerKg: 20_000 });
  t.match(drift.report('scale'), { isWorthIt: false }, 'and is not proposed again');
});
