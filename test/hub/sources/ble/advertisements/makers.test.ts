/** Readings that makers and specifications publish themselves, and what no recording shows. */
import { createCipheriv } from 'node:crypto';
import t from 'tap';
import type { Advertisement, BleContext, DecodedAdvertisement } from '../../../../../hub/sources/ble/advertisement.ts';
import { decodeAdvertisement } from '../../../../../hub/sources/ble/advertisements/decode.ts';
import { readVectorJson, skipWithoutVectors } from '../../../../vectors.ts';
import { bytesOf } from './cases.ts';
import { compare } from './peer-words.ts';

const ADDRESS = 'A4:C1:38:8D:18:B2';
function broadcast(parts: {
  company?: readonly [number, string];
  service?: readonly [string, string];
  name?: string;
  uuids?: readonly string[];
  address?: string | null;
}): Advertisement {
  return {
    address: parts.address === undefined ? ADDRESS : parts.address,
    name: parts.name ?? null,
    rssi: -60,
    manufacturerData: new Map(parts.company === undefined ? [] : [[parts.company[0], bytesOf(parts.company[1])]]),
    serviceData: new Map(parts.service === undefined ? [] : [[parts.service[0], bytesOf(parts.service[1])]]),
    serviceUuids: parts.uuids ?? [],
  };
}
/** `temperature: 21.5`, channels as `temperature 2: 21.5`. */
const readings = (outcome: DecodedAdvertisement | undefined): Record<string, number> =>
  Object.fromEntries(
    (outcome?.kind === 'values' ? outcome.values : []).map(({ quantity, value, channel }) => [
      channel === undefined ? quantity : `${quantity} ${channel}`,
      Number(value.toFixed(3)),
    ]),
  );
const decode = (parts: Parameters<typeof broadcast>[0], context: BleContext = {}): DecodedAdvertisement | undefined =>
  decodeAdvertisement(broadcast(parts), context);

interface RuuviDocs {
  readonly cases: readonly { readonly id: string; readonly payload_hex: string; readonly expect: Readonly<Record<string, string>> }[];
}
interface RuuviFile {
  readonly cases: readonly {
    readonly id: string;
    readonly payload_hex: readonly string[];
    readonly expect: Readonly<Record<string, unknown>>;
  }[];
}
const ruuviOf = (payload: string): DecodedAdvertisement | undefined => {
  const hex = payload.toUpperCase().includes('FF9904') ? payload.slice(payload.toUpperCase().indexOf('FF9904') + 6) : payload;
  // Their recordings go on with the signal strength
  const digits = { '05': 48, '06': 40, E1: 80 }[hex.slice(0, 2).toUpperCase()] ?? 28;
  return decode({ company: [0x0499, hex.slice(0, digits)], address: null });
};

t.test('Ruuvi: every case of the maker’s documentation', { skip: skipWithoutVectors }, async (t) => {
  const words: Record<string, readonly [quantity: string, channel?: number, factor?: number]> = {
    Temperature: ['temperature'],
    Humidity: ['humidity'],
    Pressure: ['pressure', undefined, 1 / 100],
    'Acceleration X': ['acceleration', 1],
    'Acceleration Y': ['acceleration', 2],
    'Acceleration Z': ['acceleration', 3],
    Voltage: ['battery_voltage'],
    'TX Power': ['tx_power'],
    'Movement counter': ['movements'],
  };
  for (const { id, payload_hex, expect } of readVectorJson<RuuviDocs>('1-ble-adv/ruuvi.official-docs.json').cases) {
    const outcome = ruuviOf(payload_hex);
    const values = outcome?.kind === 'values' ? outcome.values : [];
    for (const [word, text] of Object.entries(expect)) {
      const row = words[word];
      if (row === undefined) continue;
      const told = values.find(({ quantity, channel }) => quantity === row[0] && channel === row[1]);
      const wanted = Number.parseFloat(text) * (row[2] ?? 1);
      if (text === 'NAN') t.equal(told, undefined, `${id}: ${word} is not available`);
      else t.ok(told !== undefined && Math.abs(told.value - wanted) < 0.0051, `${id}: ${word} ${text}`, { told, wanted });
    }
  }
});

t.test('Ruuvi: every case of its users’ library, formats 2 to E1', { skip: skipWithoutVectors }, async (t) => {
  for (const { id, payload_hex, expect } of readVectorJson<RuuviFile>('1-ble-adv/ruuvi.ruuvitag-sensor.json').cases) {
    if (payload_hex.length === 0) {
      t.comment(`aside: ${id}: calls a helper of that library, no broadcast`);
      continue;
    }
    for (const payload of payload_hex) {
      const url = /^[0-9A-Fa-f]+$/.test(payload) ? null : Buffer.from(`ruu.vi/#${payload}`).toString('hex');
      const outcome = url === null ? ruuviOf(payload) : decode({ service: ['feaa', `10f603${url}`] });
      const wanted = Object.fromEntries(
        Object.entries(expect)
          .filter(
            ([key, value]) => !key.startsWith('_') && value !== null && !key.startsWith('acceleration') && key !== 'mac' && key !== 'rssi',
          )
          .map(([key, value]) => [key === 'battery' ? 'voltage' : key, key === 'battery' ? Number(value) / 1000 : value]),
      );
      const { wrong } = compare(outcome === undefined ? [] : [outcome], wanted);
      t.ok(outcome?.kind === 'values' && wrong.length === 0, id, { wrong, outcome });
    }
  }
});

interface BthomeExample {
  readonly cases: readonly {
    readonly id: string;
    readonly mac: string;
    readonly bindkey_hex: string;
    readonly encrypted_service_data_with_uuid_hex: string;
    readonly decoded: Readonly<Record<string, number>>;
  }[];
}

t.test('BTHome: the encryption example of the specification opens; one bit off does not', { skip: skipWithoutVectors }, async (t) => {
  for (const { id, mac, bindkey_hex, encrypted_service_data_with_uuid_hex, decoded } of readVectorJson<BthomeExample>(
    '1-ble-adv/bthome-v2-encryption.bthome-ble.json',
  ).cases) {
    const address = mac.match(/../g)!.join(':');
    const service: [string, string] = ['fcd2', encrypted_service_data_with_uuid_hex.slice(4)];
    const outcome = decode({ address, service }, { key: bytesOf(bindkey_hex) });
    t.same(readings(outcome), decoded, id);
    const counter = outcome?.kind === 'values' ? outcome.counter : undefined;
    t.same(
      decode({ address, service }, { key: bytesOf(bindkey_hex), lastCounter: counter! }),
      { kind: 'refused', model: 'BTHome sensor', reason: 'repeated' },
      'heard again with its counter already accepted',
    );
    t.same(decode({ address, service }), { kind: 'locked', model: 'BTHome sensor' }, 'without a key');
    const wrong = bytesOf(bindkey_hex);
    wrong[0]! ^= 1;
    t.same(decode({ address, service }, { key: wrong }), { kind: 'refused', model: 'BTHome sensor', reason: 'wrong key' });
    t.same(decode({ address, service }, { key: wrong.subarray(0, 12) }), { kind: 'refused', model: 'BTHome sensor', reason: 'wrong key' });
  }
});

t.test('other adapters’ cases that are no broadcasts are set aside', { skip: skipWithoutVectors }, async (t) => {
  const { cases } = readVectorJson<{ cases: { id: string; real_capture_hint: boolean }[] }>('1-ble-adv/advertisement.ble-scale-sync.json');
  for (const { id, real_capture_hint } of cases) {
    t.notOk(real_capture_hint, 'a real capture would have to be decoded');
    t.comment(`aside: ${id}: tests that program's own dispatcher, timers and memory with functions put in place of adapters`);
  }
});

t.test('pvvx and atc1441 firmware, encrypted: 6 and 3 bytes under the device’s key', async (t) => {
  const key = bytesOf('0102030405060708090a0b0c0d0e0f10');
  const seal = (plain: string, counter: number): string => {
    const nonce = Uint8Array.of(0xb2, 0x18, 0x8d, 0x38, 0xc1, 0xa4, plain.length / 2 + 8, 0x16, 0x1a, 0x18, counter);
    const cipher = createCipheriv('aes-128-ccm', key, nonce, { authTagLength: 4 });
    cipher.setAAD(Uint8Array.of(0x11), { plaintextLength: plain.length / 2 });
    const sealed = cipher.update(bytesOf(plain));
    cipher.final();
    return Buffer.concat([Uint8Array.of(counter), sealed, cipher.getAuthTag()]).toString('hex');
  };
  t.same(readings(decode({ service: ['181a', seal('2b0890115f02', 7)] }, { key })), { temperature: 20.91, humidity: 44.96, battery: 95 });
  t.same(readings(decode({ service: ['181a', seal('825ad0', 8)] }, { key })), { temperature: 25, humidity: 45, battery: 80 });
  t.equal(decode({ service: ['181a', seal('2b0890115f02', 7)] })?.kind, 'locked');
  t.equal(decode({ service: ['181a', seal('2b0890115f02', 7).replace(/..$/, '00')] }, { key })?.kind, 'refused');
});

t.test('MiBeacon: counters that go back are refused, one that ran over its end is not', async (t) => {
  const key = bytesOf('e9ea895fac7cca6d30532432a516f3a8');
  const parts = { address: 'A4:C1:38:02:83:F4', service: ['fe95', '58585b0550f4830238c1a495ef58763c26000097e2abb5'] as const };
  const first = decode(parts, { key });
  t.same(readings(first), { humidity: 46.7 });
  const counter = first?.kind === 'values' ? first.counter! : 0;
  t.equal(decode(parts, { key, lastCounter: counter - 1 })?.kind, 'values');
  t.same(decode(parts, { key, lastCounter: counter }), { kind: 'refused', model: 'LYWSD03MMC', reason: 'repeated' });
  t.same(decode(parts, { key, lastCounter: counter + 1 }), { kind: 'refused', model: 'LYWSD03MMC', reason: 'replayed' });
  t.same(
    decode({ ...parts, address: 'A4:C1:38:02:83:F5' }, { key }),
    { kind: 'refused', model: 'LYWSD03MMC', reason: 'malformed' },
    'sent by another',
  );
});

t.test('MiBeacon versions 2 and 3: a wrong key gives no objects', async (t) => {
  const parts = { address: 'F8:24:41:C5:98:8B', service: ['fe95', '5830b603d28b98c54124f8c3491476757e00000099'] as const };
  const key = bytesOf('b853075158487ca39a5b5ea9');
  t.equal(decode(parts, { key })?.kind, 'values');
  key[3]! ^= 1;
  t.same(decode(parts, { key }), { kind: 'refused', model: 'YLKG07YL/YLKG08YL', reason: 'wrong key' });
});

t.test('Aranet2, Radiation and Radon', async (t) => {
  // Kind, flags with integration, version, then fields as the maker's Python library reads them
  t.same(readings(decode({ company: [0x0702, '01210401000c0f010000ae0100005a02006406003c000a0001'] })), {
    temperature: 21.5,
    humidity: 60.2,
    battery: 100,
  });
  t.same(readings(decode({ company: [0x0702, '022104010000e80300003c0000000a0000631e003c000a0002'] })), {
    radiation_dose: 0.001,
    radiation_dose_rate: 0.1,
    duration: 60,
    battery: 99,
  });
  t.same(readings(decode({ company: [0x0702, '03210401000c0f014b00ae0194275a02006406003c000a0001'] })), {
    radon: 75,
    temperature: 21.5,
    pressure: 1013.2,
    humidity: 60.2,
    battery: 100,
  });
  t.same(
    readings(decode({ company: [0x0702, '210e0401000c0f01ff8f0802681f1362012c018c00b9'] })),
    { temperature: 26, pressure: 804, humidity: 19, battery: 98 },
    'CO2 that is marked invalid is left out',
  );
});

t.test('Tilt and Tilt Pro, in degrees Celsius', async (t) => {
  t.same(readings(decode({ company: [0x004c, '0215a495bb10c5b14b44b5121370f02d74de004403f8c5'] })), {
    temperature: 20,
    specific_gravity: 1.016,
  });
  t.same(readings(decode({ company: [0x004c, '0215a495bb20c5b14b44b5121370f02d74de02a827b0c5'] })), {
    temperature: 20,
    specific_gravity: 1.016,
  });
  t.same(decode({ company: [0x004c, '0215fda50693a4e24fb1afcfc6eb0764782527120004c5'] }), {
    kind: 'presence',
    model: 'iBeacon',
    identity: 'fda50693a4e24fb1afcfc6eb07647825-10002-4',
  });
});

t.test('Govee grill thermometers with four probes send them in pairs', async (t) => {
  const uuids = ['8451'];
  t.same(readings(decode({ uuids, company: [0x1b36, '3601000101e4018609601324ff0a280960'] })), {
    'temperature 1': 24,
    'temperature 2': 26,
  });
  t.same(readings(decode({ uuids, company: [0x1b36, '3601000101e4028609601324ff0a280960'] })), {
    'temperature 3': 24,
    'temperature 4': 26,
  });
});

t.test('SensorPush HT.w and the first HT1', async (t) => {
  const htw = 'ef090000-11d6-42ba-93b8-9dd7ec090ab0';
  // 21.5 Cel is 24600 steps above -40, 45 % are 18000 steps: 24600 + 66001 * 18000
  const packed = (24_600 + 66_001 * 18_000).toString(16).padStart(8, '0').match(/../g)!.reverse().join('');
  t.same(readings(decode({ uuids: [htw], company: [0x04 | (Number.parseInt(packed.slice(0, 2), 16) << 8), packed.slice(2)] })), {
    temperature: 21.5,
    humidity: 45,
  });
  t.same(Object.keys(readings(decode({ uuids: ['ef090000-11d6-42ba-93b8-9dd7ec090aa9'], company: [0x6711, '2e05'] }))), [
    'temperature',
    'humidity',
  ]);
});

t.test('temperatures below zero, in every way that makers write them', async (t) => {
  t.same(readings(decode({ service: ['fcd2', '4002a2fb'] })), { temperature: -11.18 }, 'BTHome: two’s complement');
  t.same(
    readings(decode({ company: [0xec88, '00802a955a00'] })),
    { temperature: -1, humidity: 90.1, battery: 90 },
    'Govee: a sign bit over thousands',
  );
  t.same(
    readings(decode({ service: ['fd3d', '6900ba031938'] })),
    { temperature: -25.3, humidity: 56, battery: 58 },
    'SwitchBot: a bit for above zero',
  );
  t.same(
    readings(decode({ service: ['fdcd', '0807b2188d38c1a40104ceff2c010201' + '55'] })),
    { temperature: -5, humidity: 30, battery: 85 },
    'Qingping',
  );
  t.same(readings(decode({ company: [0x0499, '03298a1ECE1EFC18F94202CA0B53'] })).temperature, -10.3, 'Ruuvi: sign and magnitude');
});

t.test('a reading no room can have makes the whole broadcast malformed', async (t) => {
  t.same(decode({ company: [0xec88, '002ee80364'] })?.kind, undefined, 'a length that Govee does not send');
  t.same(
    decode({ company: [0xec88, '0020d1983a6402'] }),
    { kind: 'refused', model: 'Govee H5074', reason: 'malformed' },
    '-119 Cel, 150 %',
  );
});

t.test('two families in one broadcast: the one that measures is told', async (t) => {
  const advertisement = broadcast({ service: ['fcd2', '40015d'] });
  const both: Advertisement = {
    ...advertisement,
    manufacturerData: new Map([[0x004c, bytesOf('0215fda50693a4e24fb1afcfc6eb0764782527120004c5')]]),
  };
  t.same(readings(decodeAdvertisement(both, {})), { battery: 93 });
});
