/**
 * Kin of the recorded products, by the published descriptions that the decoders name: other models of a family, values that stand for
 * "none", older forms. Bytes are made here from those descriptions; what recordings show is in vectors.test.ts.
 */
import t from 'tap';
import type { Advertisement, DecodedAdvertisement } from '../../../../../hub/sources/ble/advertisement.ts';
import { concernsUs, decodeAdvertisement } from '../../../../../hub/sources/ble/advertisements/decode.ts';
import { parseAdvertisingData } from '../../../../../hub/sources/ble/advertising-data.ts';
import { bytesOf } from './cases.ts';

const ADDRESS = 'A4:C1:38:8D:18:B2';
const WRITTEN = 'a4c1388d18b2';
const REVERSED = 'b2188d38c1a4';

interface Heard {
  readonly company?: readonly [number, string];
  readonly service?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly uuids?: readonly string[];
  readonly address?: string | null;
}
function decode({ company, service = {}, name = '', uuids = [], address = ADDRESS }: Heard): DecodedAdvertisement | undefined {
  const advertisement: Advertisement = {
    address,
    name: name === '' ? null : name,
    rssi: -60,
    manufacturerData: new Map(company === undefined ? [] : [[company[0], bytesOf(company[1])]]),
    serviceData: new Map(Object.entries(service).map(([uuid, hex]) => [uuid, bytesOf(hex)])),
    serviceUuids: uuids,
  };
  return decodeAdvertisement(advertisement, {});
}
/** `temperature: 21.5`, channels as `temperature 2: 21.5`, events as `moisture: 'on'`. */
const told = (outcome: DecodedAdvertisement | undefined): Record<string, number | string> =>
  outcome?.kind !== 'values'
    ? {}
    : Object.fromEntries([
        ...outcome.values.map(({ quantity, value, channel }): [string, number] => [
          channel === undefined ? quantity : `${quantity} ${channel}`,
          Number(value.toFixed(3)),
        ]),
        ...(outcome.events ?? []).map(({ event, detail }): [string, string] => [event, detail ?? '']),
      ]);

t.test('Qingping: other products, a sensor on mains, an open door, the older number', async (t) => {
  const head = (product: string): string => `08${product}${REVERSED}`;
  t.same(told(decode({ service: { fdcd: `${head('52')}0104d7005802 1302b004 15026400 190128`.replaceAll(' ', '') } })), {
    temperature: 21.5,
    humidity: 60,
    co2: 1200,
    voc_index: 100,
    noise: 40,
  });
  t.same(told(decode({ service: { fdcd: `${head('01')}0104d70058020201ff` } })).battery, 100, 'all bits set: on mains');
  t.same(told(decode({ service: { fdcd: `${head('01')}0104d700580202018e` } })).battery, 14, 'the top bit: charging');
  t.same(told(decode({ service: { fdcd: `${head('04')}040100` } })), { opening: 1 });
  t.same(told(decode({ service: { fdcd: `${head('04')}040101` } })), { opening: 0 });
  t.same(told(decode({ service: { fdcd: `${head('04')}040102` } })), { opening: 1, 'door left open': 'on' });
  t.same(told(decode({ service: { fff9: `${head('01')}0104d7005802` } })), { temperature: 21.5, humidity: 60 });
  t.equal(decode({ service: { fff9: `0801aabbccddeeff0104d7005802` } })?.kind, 'refused', 'a security key of another maker');
  t.same(told(decode({ service: { fdcd: '080eaabbccddeeff0104d700580212040a001400' } })), {
    temperature: 21.5,
    humidity: 60,
    pm2_5: 10,
    pm10: 20,
  });
});

t.test('Govee: a probe alone, longer broadcasts, a grill whose company field is its address', async (t) => {
  t.same(told(decode({ name: 'GV5108A2D6', company: [0x0001, '010103fcbf640000'] })), { temperature: 26.1, battery: 100 });
  t.same(told(decode({ name: 'GVH5102_3CB4', company: [0x0001, '010103cb01640000'] })), {
    temperature: 24.8,
    humidity: 57.7,
    battery: 100,
  });
  const grill = '0c04a000201900f0005a5a5affff23002800' + '0000';
  for (const company of [0x0459, 0xea1c, 0x7777]) {
    const outcome = decode({ company: [company, `0c04640620${grill.slice(10)}`] });
    t.equal(outcome?.kind === 'values' && outcome.model, 'Govee H5055', `company ${company.toString(16)}`);
  }
  t.equal(decode({ company: [0x7777, `0c046406ff${grill.slice(10)}`] }), undefined, 'of another kind');
});

t.test('what only its length tells apart is still asked for in raw bytes', async (t) => {
  const raw = bytesOf('020106' + '17ff7777' + '0c04640620' + '1900f0005a5a5affff23002800' + '0000');
  t.ok(concernsUs(raw));
  t.equal(decodeAdvertisement({ address: ADDRESS, rssi: -60, ...parseAdvertisingData(raw) }, {})?.model, 'Govee H5055');
  t.notOk(concernsUs(bytesOf('020106' + '06ff7777010203')), 'of a length that no such family has');
});

t.test('Inkbird: probes that are not plugged in, and the numbered sensors', async (t) => {
  const grill = (probes: string): string => `0000${WRITTEN}${probes}`;
  t.same(told(decode({ company: [0x0000, grill('fa00f6ffffff ff7f 0080 ceff'.replaceAll(' ', ''))] })), {
    'temperature 1': 25,
    'temperature 6': -5,
  });
  t.same(told(decode({ name: 'ITH-13-B', company: [0x2449, '00000000d70058025a00000000000000'] })), {
    temperature: 21.5,
    humidity: 60,
    battery: 90,
  });
  t.same(told(decode({ name: 'IBS-P02B', company: [0x2449, '00000000ceff00005a00000000000000'] })), { temperature: -5, battery: 90 });
});

t.test('SwitchBot: a hub’s thermometer, a leak detector, CO2 beyond the sensor', async (t) => {
  const company = (more: string): readonly [number, string] => [0x0969, WRITTEN + more];
  t.same(told(decode({ service: { fd3d: '76' }, company: company('0000000000000a05962d') })), {
    temperature: 22.5,
    humidity: 45,
    'light level': '10',
  });
  t.same(told(decode({ service: { fd3d: '76' }, company: company('0000000000000a000000') })), {}, 'without its cable');
  t.same(told(decode({ service: { fd3d: '260064' }, company: company('005b01') })), {
    battery: 91,
    moisture: 'on',
    tamper: 'off',
    'battery low': 'off',
  });
  t.same(told(decode({ service: { fd3d: '350064' }, company: company('0000059528000002d5') })), {
    temperature: 21.5,
    humidity: 40,
    battery: 100,
    co2: 725,
  });
  t.same(told(decode({ service: { fd3d: '350064' }, company: company('000005952800007fff') })).co2, undefined);
});

t.test('Mi scale: a clock that was never set keeps no weight back', async (t) => {
  const outcome = decode({ service: { '181d': '220a3700000000000000' } });
  t.same(told(outcome), { weight: 70.45, removed: 'off' });
  t.equal(outcome?.kind === 'values' && outcome.deviceTime, undefined);
  t.equal(decode({ service: { '181d': '220a37ffff0d20190000' } }), undefined, 'a date that is none');
});

t.test('Blue Maestro counts its log; a Pebble measures too', async (t) => {
  const disc = decode({ company: [0x0133, '1764003c002a00d7025800960000'] });
  t.same(told(disc), { temperature: 21.5, humidity: 60, dew_point: 15, battery: 100 });
  t.equal(disc?.kind === 'values' && disc.packet, 42);
  t.same(told(decode({ company: [0x0133, '01c800d700dc002df503000000000000000000'.slice(0, 36)] })), {
    temperature: 21.5,
    humidity: 45,
    pressure: 1013,
  });
});

t.test('Jaalee: in service data with its address, and in any iBeacon that ends so', async (t) => {
  const climate = '61a28000';
  t.same(told(decode({ service: { f525: `64${REVERSED}${climate}` } })), { temperature: 21.742, humidity: 50.001, battery: 100 });
  t.equal(decode({ service: { f525: `64${WRITTEN}${climate}` } }), undefined, 'the address of another');
  t.same(told(decode({ company: [0x004c, `0215${'00'.repeat(14)}f51c${climate}c563`] })), {
    temperature: 21.742,
    humidity: 50.001,
    battery: 99,
  });
});

t.test('Holyiot tells one reading at a time', async (t) => {
  const beacon = (reading: string): Heard => ({ service: { 5242: `4160${WRITTEN}0000${reading}` } });
  t.same(told(decode(beacon('011519'))), { battery: 96, temperature: 21.25 });
  t.same(told(decode(beacon('035000'))), { battery: 96, humidity: 80 });
  t.same(told(decode(beacon('060100'))), { battery: 96, button: 'press' });
  t.same(told(decode({ service: { 5242: '4160aabbccddeeff0000011519' } })), { battery: 96 }, 'of another address: the battery alone');
});

t.test('ELA: door, movement, presence and acceleration, each a frame', async (t) => {
  t.same(told(decode({ company: [0x0757, '320300'] })), { opening: 0 }, 'the magnet is near');
  t.same(told(decode({ company: [0x0757, '320400'] })), { opening: 1 });
  t.same(told(decode({ company: [0x0757, '420b00'] })), { motion: 1, movements: 5 });
  t.same(told(decode({ company: [0x0757, '920a00'] })), { motion: 0 });
  t.same(told(decode({ company: [0x0757, '56e8030cfe0000'] })), { 'acceleration 1': 1, 'acceleration 2': -0.5, 'acceleration 3': 0 });
});

t.test('single products', async (t) => {
  t.same(
    told(decode({ company: [0x1000, `${'00'.repeat(10)}b4636675b80b0000`] })),
    {
      temperature: 21.587,
      humidity: 51.323,
      battery_voltage: 3,
      battery: 100,
    },
    'Moat S2: its maker number is a company',
  );
  t.same(told(decode({ company: [0x0100, `${'00'.repeat(9)}011b8501f4a00000`] })), { weight: 70.45, impedance: 500 }, 'Senssun');
  const live = decode({ company: [0x0100, `${'00'.repeat(9)}011b850000000000`] });
  t.equal(live?.kind === 'values' && live.settled, false, 'Senssun, still moving');
  t.same(
    told(decode({ company: [0x05cd, '010164 15 0000 5802 5802 f401 ffff d700 0000'.replaceAll(' ', '')] })),
    {
      battery: 100,
      'temperature 1': 60,
      'temperature 2': 60,
      'temperature 3': 50,
      'temperature 5': 21.5,
    },
    'Chef iQ, one sensor silent',
  );
  t.same(told(decode({ company: [0x0194, '00000000000fa00866'] })), { temperature: 21.5, humidity: 40 }, 'Blustream');
  t.same(told(decode({ company: [0x02b6, '8e44000000000000000300'.slice(0, 20)] })), { button: 'dim up' }, 'Odace');
  t.same(told(decode({ company: [0x004c, `02153ba29cd9a42c894856badaf2606ef77700500000c5`] })), { battery: 80 }, 'BM6');
  t.same(told(decode({ company: [0x0059, '05605a64c0000000000000'.slice(0, 20)] })).liquid_level, 0.077, 'Mopeka in water');
  t.same(decode({ name: 'nut', uuids: ['180a'] }), { kind: 'presence', model: 'Nut' });
});

t.test('values under the standard’s own numbers', async (t) => {
  t.same(told(decode({ service: { '2a6e': '6608', '2a6f': '7017', '2a6d': '88770f00', '2a19': '5a' } })), {
    temperature: 21.5,
    humidity: 60,
    pressure: 1013.64,
    battery: 90,
  });
  t.same(told(decode({ service: { '180f': '55' } })), { battery: 85 });
  t.equal(decode({ service: { '2a6d': '887f' } }), undefined, 'cut short');
  t.equal(decode({ service: { '2a6f': 'ffff' } }), undefined, 'the standard’s word for not known');
});
