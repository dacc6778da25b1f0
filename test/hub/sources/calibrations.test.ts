/** Calibrating through the hub: mass by mass, versions in the log, what a weight names, and old readings weighed again. */
import t, { type Test } from 'tap';
import type { Command } from '../../../firmware/protocol/messages.ts';
import { type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import { idleDrift } from '../../../hub/derived/idle-drift.ts';
import { revalued, withProvenance } from '../../../hub/derived/weighed.ts';
import { HOME } from '../../../hub/people/subjects.ts';
import { openCalibrations } from '../../../hub/sources/calibrations.ts';
import { openStore } from '../../../hub/store/store.ts';
import type { NewMeasurement } from '../../../hub/store/vault.ts';

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
    const hours = Array.from({ length: 96 }, (_, hour) => NOON + hour * 1_800_000);
    const warm = (at: number): number => 20 + 3 * Math.sin((at - NOON) / 1.4e7);
    await home.commit(hours.map((at, index) => row('load_cell_counts', 84_000 + 21_500 * 0.01 * (warm(at) - 20) + (index % 2) * 4, at)));
    t.match(idleDrift(home, 'scale', 21_500, NOON, hours.at(-1)! + 1), { kind: 'unknown', because: /thermometer/ });
    await home.commit(hours.map((at) => row('temperature', warm(at), at + 60_000)));
    const found = idleDrift(home, 'scale', 21_500, NOON, hours.at(-1)! + 1);
    if (found.kind !== 'fitted') throw new Error(found.because);
    t.ok(Math.abs(found.model.kgPerC - 0.01) < 0.001, String(found.model.kgPerC));
    t.ok(found.model.sigmaAfterKg < found.model.sigmaBeforeKg / 10);
  },
);
