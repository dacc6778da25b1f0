import t from 'tap';
import type { HubClock } from '../../../hub/ops/clock/hub-clock.ts';
import { zoneOffsetMin } from '../../../hub/ops/clock/zone.ts';
import { openKeeping, stamped } from '../../../hub/ops/keeping.ts';
import { noteRadio } from '../../../hub/ops/radio-gaps.ts';
import type { AddedDevice, BluetoothState } from '../../../hub/sources/ble/bluetooth.ts';
import { createTestClock } from '../../clock.ts';

const SUMMER = Date.UTC(2026, 6, 1);
const reading = { sequence: 1, code: 1, value: 72.35, endUtcMs: SUMMER, spanMs: 0, timeQuality: 'synced' } as const;
const clock = (isKnown: boolean): HubClock =>
  ({ isKnown, hubBoot: 7, zoneMin: (atUtcMs: number) => zoneOffsetMin('Europe/Paris', atUtcMs) }) as HubClock;

t.test('the offset of the home from UTC is kept where the time is known, and never guessed from one that is not', async (t) => {
  t.match(stamped(clock(true), 'scale', 3, reading), { zoneMin: 120, isUnset: false, hubBoot: 7 });
  t.match(stamped(clock(false), 'scale', 3, reading), { zoneMin: null, isUnset: true });
});

t.test('holes of Bluetooth devices: deaf is the radio’s, out of reach is their own, and others’ numbers are no loss', async (t) => {
  const stop = new AbortController();
  const machine = createTestClock(SUMMER);
  const keeping = await openKeeping({ data: t.testdir({}), zone: 'Europe/Paris', say: () => undefined, signal: stop.signal, machine });
  const devices = ['ble-one', 'ble-two'];
  let kind: BluetoothState['kind'] = 'hearing';
  const radio = {
    state: () => ({ kind }) as BluetoothState,
    added: () => devices.map((device) => ({ device }) as AddedDevice),
  };
  let number = 0;
  const hear = (device: string): void => keeping.took(device, 9, [{ ...reading, sequence: ++number, endUtcMs: machine.utc() }], 'heard');
  const minutes = async (count: number, heard: readonly string[]): Promise<void> => {
    for (let minute = 0; minute < count; minute++) {
      await machine.advance(60_000);
      for (const device of heard) hear(device);
    }
  };
  // One alone for a while, so that its numbers are without a jump; then the other comes between.
  await minutes(12, ['ble-one']);
  await minutes(12, devices);
  kind = 'deaf';
  noteRadio(keeping, radio);
  await minutes(30, []);
  kind = 'hearing';
  noteRadio(keeping, radio);
  await minutes(3, devices);
  await minutes(40, ['ble-one']);
  await minutes(2, devices);
  // A device whose sensor came off measures again before it says that it is well.
  keeping.away('ble-one', 'away');
  await minutes(10, []);
  await minutes(1, devices);
  keeping.back('ble-one');
  const gaps = () => keeping.store.vault('home').gaps({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER });
  for (let turn = 0; turn < 2000 && gaps().length < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 10));
  const mine = gaps().filter(({ device }) => device !== '*');
  t.same(
    mine.map(({ device, cause, fromMs, toMs }) => [device, cause, Math.round((toMs - fromMs) / 60_000)]),
    [
      ['ble-one', 'radio', 31],
      ['ble-two', 'radio', 31],
      ['ble-two', 'away', 41],
      ['ble-one', 'away', 11],
      ['ble-two', 'away', 11],
    ],
  );
  stop.abort(new Error('over'));
  keeping.close();
});
