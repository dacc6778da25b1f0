import t from 'tap';
import { isPlausible } from '../../../../../../firmware/protocol/quantities.ts';
import type { BleValue } from '../../../../../../hub/sources/ble/advertisement.ts';
import { bytesOf } from '../../../../../../hub/sources/ble/gatt/bytes.ts';
import { waveMini, wavePlus } from '../../../../../../hub/sources/ble/gatt/vendor/airthings.ts';
import { atomFields, atomValues } from '../../../../../../hub/sources/ble/gatt/vendor/airthings-atom.ts';
import {
  aranetCurrent,
  askHistory,
  askHistoryByNotification,
  historyAgoMs,
  historyNotified,
  historyRead,
} from '../../../../../../hub/sources/ble/gatt/vendor/aranet.ts';
import { lywsdBattery, lywsdHour, lywsdReading, lywsdTime, setLywsdTime } from '../../../../../../hub/sources/ble/gatt/vendor/lywsd.ts';
import fc from '../../../../../property.ts';

const asRecord = (values: readonly BleValue[]): Record<string, number> =>
  Object.fromEntries(values.map(({ quantity, value }) => [quantity, value]));

t.test('an Aranet4 tells its current readings, and when they were made', async (t) => {
  const detailed = aranetCurrent(bytesOf('9d02' + 'bb01' + '8b27' + '2f' + '55' + '01' + '2c01' + '7a00'));
  t.same(asRecord(detailed?.values ?? []), { co2: 669, temperature: 22.15, pressure: 1012.3, humidity: 47, battery: 85 });
  t.match(detailed, { intervalS: 300, agoS: 122 });
  t.equal(aranetCurrent(bytesOf('9d02bb018b272f5501'))?.intervalS, undefined);
  t.equal(aranetCurrent(bytesOf('9d02bb01')), undefined);
});

t.test('what an Aranet4 did not measure while it calibrates is no value', async (t) => {
  const reading = aranetCurrent(bytesOf('ff' + '80' + '0040' + '8b27' + '2f' + '55' + '01'));
  t.same(Object.keys(asRecord(reading?.values ?? [])).sort(), ['battery', 'humidity', 'pressure']);
});

t.test('the history of an Aranet4 is asked for and read in pieces', async (t) => {
  t.equal(Buffer.from(askHistory('co2', 478)).toString('hex'), '6104de01');
  t.equal(Buffer.from(askHistoryByNotification('temperature', 1, 2016)).toString('hex'), '820100000100e007');
  const read = historyRead(bytesOf('04' + '2c01' + '0a00' + '1e00' + '0300' + '02' + '9d02' + '0080'));
  t.same(read, { quantity: 'co2', start: 3, values: [669, undefined], log: { intervalS: 300, total: 10, agoS: 30 } });
  t.equal(historyAgoMs(read!.log!, 10), 30_000);
  t.equal(historyAgoMs(read!.log!, 3), 1000 * (30 + 7 * 300));
  t.same(
    historyNotified(bytesOf('02' + '0100' + '03' + '2f30')),
    { quantity: 'humidity', start: 1, values: [47, 48] },
    'one byte each, as many as came',
  );
  t.equal(historyNotified(bytesOf('02010000')), undefined, 'the end');
  t.equal(historyRead(bytesOf('0900')), undefined);
});

t.test('a Xiaomi hygrometer notifies temperature, humidity and its cell, a clock the first two', async (t) => {
  t.same(asRecord(lywsdReading(bytesOf('c30a36'))), { temperature: 27.55, humidity: 54 });
  t.same(asRecord(lywsdReading(bytesOf('9dff2ab80b'))), { temperature: -0.99, humidity: 42, battery_voltage: 3 });
  t.same(lywsdReading(bytesOf('c30a')), []);
  t.equal(lywsdBattery(Uint8Array.of(93)), 93);
  t.equal(lywsdBattery(Uint8Array.of(255)), undefined);
  t.match(lywsdHour(bytesOf('05000000' + '10270000' + 'e100' + '2d' + 'd200' + '28')), {
    index: 5,
    deviceS: 10_000,
    most: [{ value: 22.5 }, { value: 45 }],
    least: [{ value: 21 }, { value: 40 }],
  });
});

t.test('a clock that is set tells the time that it was set to', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: -12, max: 14 }), (unixS, zoneHours) => {
      const told = lywsdTime(setLywsdTime({ unixS, zoneHours }));
      return told?.unixS === unixS && told.zoneHours === zoneHours;
    }),
  );
  t.same(lywsdTime(bytesOf('00000000')), { unixS: 0 });
  t.equal(lywsdTime(bytesOf('0000')), undefined);
});

t.test('no bytes stop a reader or give what no room ever was', async (t) => {
  const readers: readonly ((bytes: Uint8Array) => readonly BleValue[])[] = [
    (bytes) => wavePlus(bytes, true)?.values ?? [],
    (bytes) => waveMini(bytes)?.values ?? [],
    (bytes) => atomValues(atomFields(bytes) ?? {}),
    (bytes) => atomValues(atomFields(Uint8Array.from([0x10, 0x01, 0x00, 0x03, 0x45, 0, 0, ...bytes])) ?? {}),
    (bytes) => aranetCurrent(bytes)?.values ?? [],
    lywsdReading,
    (bytes) => [...(lywsdHour(bytes)?.most ?? []), ...(lywsdHour(bytes)?.least ?? [])],
    (bytes) =>
      historyRead(bytes)?.values.every((value) => value === undefined || Number.isFinite(value)) === false
        ? [{ quantity: 'co2', value: Number.NaN }]
        : [],
    (bytes) =>
      historyNotified(bytes)?.values.every((value) => value === undefined || Number.isFinite(value)) === false
        ? [{ quantity: 'co2', value: Number.NaN }]
        : [],
  ];
  for (const reader of readers) {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => reader(bytes).every(({ quantity, value }) => isPlausible(quantity, value))),
      { numRuns: 300 },
    );
  }
  t.pass();
});
