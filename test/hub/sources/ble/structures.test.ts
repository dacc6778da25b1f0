/** Advertising data and HCI reports, as controllers, BlueZ and hcidump give them. */

import t from 'tap';
import { shortUuid } from '../../../../hub/sources/ble/advertisement.ts';
import { decodeAdvertisement } from '../../../../hub/sources/ble/advertisements/decode.ts';
import { parseAdvertisingData } from '../../../../hub/sources/ble/advertising-data.ts';
import { advertisementOf, advertisingReports, hcidumpPackets } from '../../../../hub/sources/ble/hci-report.ts';
import fc from '../../../property.ts';
import { readVectorJson, skipWithoutVectors } from '../../../vectors.ts';
import { bytesOf } from './advertisements/cases.ts';

interface EirFile {
  readonly cases: readonly {
    readonly id: string;
    readonly eir_hex: string;
    readonly expect: {
      readonly flags: string | null;
      readonly name: string | null;
      readonly name_complete: boolean;
      readonly tx_power: number | null;
      readonly uuids: readonly string[];
    };
  }[];
}
interface DumpFile {
  readonly cases: readonly (readonly [direction: string, hex: string])[];
}

t.test('advertising data of named devices reads as BlueZ reads it', { skip: skipWithoutVectors }, async (t) => {
  for (const { id, eir_hex, expect } of readVectorJson<EirFile>('1-ble-adv/eir-ad-structures.bluez.json').cases) {
    const { name, nameComplete, txPower, serviceUuids, flags } = parseAdvertisingData(bytesOf(eir_hex));
    t.same({ name, txPower, serviceUuids }, { name: expect.name, txPower: expect.tx_power, serviceUuids: expect.uuids.map(shortUuid) }, id);
    if (name !== null) t.equal(nameComplete, expect.name_complete, `${id}: complete name`);
    // Where their flags are a C constant by name, the recording has none
    if (expect.flags !== null) t.equal(flags, Number(expect.flags), `${id}: flags`);
  }
});

t.test('a recording of a busy room: every packet is read, RuuviTags are found', { skip: skipWithoutVectors }, async (t) => {
  const packets = readVectorJson<DumpFile>('1-ble-adv/hcidump.hcidump-2.x.ruuvitag-sensor.json').cases.filter(
    ([direction]) => direction === '>',
  );
  let reports = 0;
  const heard = new Map<string, number>();
  for (const [, hex] of packets)
    for (const report of advertisingReports(bytesOf(hex))) {
      reports++;
      const outcome = decodeAdvertisement(advertisementOf(report), {});
      if (outcome?.kind === 'values') heard.set(outcome.model, (heard.get(outcome.model) ?? 0) + 1);
    }
  const meta = packets.filter(([, hex]) => /^043E..02/i.test(hex)).length;
  t.ok(reports >= meta, `${reports} reports in ${meta} packets`);
  if (packets.some(([, hex]) => /FF990405/i.test(hex)))
    t.ok((heard.get('RuuviTag') ?? 0) > 0, `${heard.get('RuuviTag')} readings of RuuviTags`);
  t.same(
    [...heard.keys()].filter((model) => model !== 'RuuviTag').length <= 3,
    true,
    `no room full of invented sensors: ${[...heard.keys()]}`,
  );
});

t.test('an extended report and a legacy report of the same broadcast say the same', async (t) => {
  const legacy = advertisingReports(bytesOf('043e1702010000a5808fe648540b0201060716d2fc4012e204cc'));
  const extended = advertisingReports(bytesOf('043e250d01130000a5808fe648540100ff7fcc0000000000000000000b0201060716d2fc4012e204'));
  t.same(legacy, extended);
  t.equal(legacy[0]!.address, '54:48:E6:8F:80:A5');
  t.equal(legacy[0]!.rssi, -52);
});

t.test('several reports in one packet are all read; a report cut short ends the list', async (t) => {
  const one = '0000a5808fe648540b0201060716d2fc4012e204cc';
  t.equal(advertisingReports(bytesOf(`043e2b0202${one}${one}`)).length, 2);
  t.equal(advertisingReports(bytesOf(`043e2b0202${one}${one.slice(0, 30)}`)).length, 1);
  t.equal(advertisingReports(bytesOf('043e0c020104019ca8d4c495650080'))[0]!.rssi, -128, 'a report without data');
  t.equal(advertisingReports(bytesOf('043e0c020104019ca8d4c49565007f'))[0]!.rssi, null, '127 means: not known');
});

t.test('hcidump text: lines that go on, what the host sent, and noise between', async (t) => {
  const text = [
    'HCI sniffer - Bluetooth packet analyzer ver 5.55',
    '< 01 0C 20 02 01 00',
    '  AA BB',
    '> 04 3E 17 02 01 00 00 A5 80 8F E6 48 54 0B 02 01 06 07 16 D2',
    '  FC 40 12 E2 04 CC',
    'device: hci0',
    '> 04 0E 04 01 0C 20 00',
  ].join('\n');
  const packets = hcidumpPackets(text);
  t.equal(packets.length, 2);
  t.same(
    packets.flatMap(advertisingReports).map((report) => decodeAdvertisement(advertisementOf(report), {})),
    [{ kind: 'values', model: 'BTHome sensor', values: [{ quantity: 'co2', value: 1250 }] }],
  );
});

t.test('a structure longer than what is there is left out, and what came before is kept', async (t) => {
  const { name, manufacturerData } = parseAdvertisingData(bytesOf('0509616263640aff9904'));
  t.equal(name, 'abcd');
  t.equal(manufacturerData.size, 0);
  t.equal(parseAdvertisingData(bytesOf('03086162050961626364')).name, 'abcd', 'a complete name replaces a short one');
});

t.test('no bytes make the readers throw, and no reader reads past its packet', async (_t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 255 }), (bytes) => {
      parseAdvertisingData(bytes);
      const framed = Uint8Array.of(0x04, 0x3e, bytes.length, ...bytes);
      for (const { data, address } of [...advertisingReports(bytes), ...advertisingReports(framed)]) {
        if (data.byteOffset + data.length > framed.length || address.length !== 17) return false;
        parseAdvertisingData(data);
      }
      return true;
    }),
    { numRuns: 2000 },
  );
});

t.test('no text makes the reader of hcidump throw', async (_t) => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('>', '<', ' ', '\n', '0', '4', 'F', 'x') }), (text) =>
      Array.isArray(hcidumpPackets(text)),
    ),
  );
});
