/** What the command line says of sensors, and does to them: faults by name, corrections, the drift of a scale. */
import t from 'tap';
import type { Command } from '../../../firmware/protocol/messages.ts';
import { quantities } from '../../../firmware/protocol/quantities.ts';
import { calibrateCommand } from '../../../hub/cli/calibrate.ts';
import { correctionCommands } from '../../../hub/cli/corrections.ts';
import { statusCommands } from '../../../hub/cli/status.ts';
import { openCorrectionBook } from '../../../hub/derived/correction-book.ts';
import { HOME } from '../../../hub/people/subjects.ts';
import { openCalibrations } from '../../../hub/sources/calibrations.ts';
import type { Device } from '../../../hub/sources/devices.ts';
import { openDriftCorrection } from '../../../hub/sources/drift-correction.ts';
import { openStore } from '../../../hub/store/store.ts';
import { air, CHEAP, NOON, openWeb } from '../web/web.ts';
import { typedTo } from './typed.ts';

const scale: Device = { ...air, id: 'scale', kind: 'scale', name: 'Bathroom scale', quantities: ['weight', 'calibration_version'] };

t.test('a fault is named with its remedy, a value is corrected and left alone again, a scale’s drift is shown and taken off', async (t) => {
  const folder = t.testdir({});
  const store = openStore(folder, { guessCost: CHEAP });
  t.teardown(() => store[Symbol.dispose]());
  let list: Device[] = [scale, air];
  const devices = (): Device[] => list;
  const calibrations = openCalibrations({ store, command: () => true, now: () => NOON, failed: (message) => t.fail(message) });
  const drift = openDriftCorrection({ store, calibrations, devices, now: () => NOON });
  const corrections = await openCorrectionBook({ file: `${folder}/c.json`, fixed: [], store, now: () => 0, failed: t.fail });
  const told: Command[] = [];
  const command = (_: string, one: Command): boolean => told.push(one) > 0;
  const hub = await openWeb(t, { store, devices, command, calibrations, drift, corrections, now: () => NOON });
  await hub.claim();
  const hearth = await typedTo(hub, (line) => {
    statusCommands(line);
    correctionCommands(line);
    calibrateCommand(line);
  });

  list = [{ ...scale, state: 'fault', message: 'the scale reads -31.0 kg: swap the wires A+ and A- of the load cell' }, air];
  for (const command of ['status', 'devices']) t.match(await hearth(command), /scale .*fault.*swap the wires A\+ and A-/, command);
  list = [{ ...scale, connected: false, state: 'away', message: 'its cable is out' }, air];
  t.match(await hearth('status'), /scale \| away: its cable is out/);
  list = [scale, air];
  t.match(await hearth('status'), /scale \| running$/m);

  t.equal(await hearth('corrections'), 'none');
  t.match(await hearth('corrections set air temperature --offset=-1.5'), /air \| temperature \| -1.5 Cel/);
  t.match(await hearth('corrections set air pm2_5 --epa-humidity'), /US EPA/);
  await t.rejects(hearth('corrections set air temperature'), { message: /say how/, exitCode: 2 });
  await t.rejects(hearth('corrections set air temperature --offset=warm'), { message: /'warm' is no offset/ });
  await t.rejects(hearth('corrections set air co2 --offset=1'), { message: /does not measure co2/ });
  t.notMatch(await hearth('corrections remove air temperature'), /temperature/);

  await t.rejects(hearth('recalibrate air'), { message: /Living room does not measure CO2/ });
  await t.rejects(hearth('recalibrate air --co2 40'), { message: /'40' is no CO2 of air/ });
  list = [scale, { ...air, quantities: ['co2'] }];
  t.match(await hearth('recalibrate air'), /air was told: 420 ppm/);
  t.same(told, [{ name: 'recalibrate', co2Ppm: 420 }]);
  t.match(store.vault(HOME).ofKind('calibration').at(-1), { device: 'air', chip: 'CO2 sensor', parameters: { co2Ppm: 420 } });
  list = [scale, air];

  t.match(await hearth('calibrate scale --drift'), /has not said yet/);
  calibrations.stated('scale', { version: 1, date: '2026-11-01', zeroCounts: 84_000, countsPerKg: 20_000, points: [] });
  const warm = (at: number): number => 20 + 3 * Math.sin(at / 10);
  let sequence = 0;
  const row = (device: string, quantity: 'temperature' | 'load_cell_counts', value: number, at: number) => ({
    device,
    boot: 1,
    sequence: ++sequence,
    code: quantities[quantity].code,
    value,
    endUtcMs: NOON - at * 3_600_000,
    spanMs: 0,
    timeQuality: 'synced' as const,
  });
  await store
    .vault(HOME)
    .commit(
      Array.from({ length: 48 }, (_, at) => at).flatMap((at) => [
        row('air', 'temperature', warm(at), at),
        row('scale', 'load_cell_counts', 84_000 + 200 * (warm(at) - 20) + (at % 2) * 8, at),
      ]),
    );
  t.match(await hearth('calibrate scale --drift'), /by temperature \| 10 g for each °C of air.*\n.*\n.*\n.*the hub does it at night/);
  t.match(await hearth('calibrate scale --drift --take-off'), /calibration \| 2.*\n(.*\n)*drift taken off \| 10 g for each °C of air/);
  await t.rejects(hearth('calibrate scale --take-off'), { message: /goes with --drift/ });
});
