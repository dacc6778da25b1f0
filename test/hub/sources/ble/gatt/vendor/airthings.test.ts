import t from 'tap';
import { bytesOf } from '../../../../../../hub/sources/ble/gatt/bytes.ts';
import {
  type WaveReading,
  waveBattery,
  waveLight,
  waveMini,
  wavePlus,
  waveRadon,
} from '../../../../../../hub/sources/ble/gatt/vendor/airthings.ts';
import { askAtom, atomFields, atomValues } from '../../../../../../hub/sources/ble/gatt/vendor/airthings-atom.ts';
import { readVectorJson, skipWithoutVectors } from '../../../../../vectors.ts';
import { near, reasonsOf, tally } from '../cases.ts';

interface Recorded {
  readonly id: string;
  readonly kind: string;
  readonly random_bytes?: string;
  readonly payload_hex: string;
  readonly expect: Readonly<Record<string, number | null>>;
}

const named = {
  humidity: 'humidity',
  temperature: 'temperature',
  radon_1day_avg: 'radon',
  voc_ppb: 'tvoc',
  co2_ppm: 'co2',
  pressure_hpa: 'pressure',
} as const;

function fieldsOf(reading: WaveReading | undefined): Record<string, number | undefined> {
  const values = Object.entries(named).map(([name, id]) => [name, reading?.values.find(({ quantity }) => quantity === id)?.value]);
  return { ...Object.fromEntries(values), illuminance: reading?.lightPercent, radon_longterm_avg: reading?.radonLongTerm };
}

/** Which characteristic a recording is of, by the words that name it. */
function read({ id, kind, payload_hex, random_bytes }: Recorded): Readonly<Record<string, number | undefined>> | undefined {
  const bytes = bytesOf(payload_hex);
  const name = id.toLowerCase();
  if (kind.includes('atom')) {
    const random = random_bytes === undefined ? undefined : bytesOf(random_bytes);
    return atomFields(bytes, random && [random[0]!, random[1]!]);
  }
  if (kind.includes('command')) return { battery_v: waveBattery(bytes) };
  if (/gen ?1|wave_1/.test(name) && name.includes('illum')) return { illuminance: waveLight(bytes) };
  if (/gen ?1|wave_1/.test(name) && name.includes('radon'))
    return { radon_1day_avg: waveRadon(bytes), radon_longterm_avg: waveRadon(bytes) };
  if (name.includes('mini')) return fieldsOf(waveMini(bytes));
  if (name.includes('plus')) return fieldsOf(wavePlus(bytes, true));
  return name.includes('radon') || name.includes('wave_2') ? fieldsOf(wavePlus(bytes, false)) : undefined;
}

t.test('each recorded payload of an Airthings device gives what its maker says', { skip: skipWithoutVectors }, async (t) => {
  const counted = tally();
  for (const recorded of readVectorJson<{ readonly cases: readonly Recorded[] }>('2-gatt/airthings.airthings-ble.json').cases) {
    const ours = read(recorded);
    const bad = Object.entries(recorded.expect).filter(
      ([name, value]) => value !== null && !near(ours?.[name] ?? Number.NaN, value, 0.0051),
    );
    if (ours === undefined) counted.listed.push({ id: recorded.id, reason: 'no such characteristic' });
    else if (bad.length === 0) counted.passed++;
    else counted.failed.push(`${recorded.id}: ${bad.map(([name, value]) => `${name} is ${ours[name]} and not ${value}`).join(', ')}`);
  }
  t.comment(reasonsOf('airthings', counted));
  t.same(counted.failed, []);
  t.ok(counted.passed >= 4);
});

t.test('a Wave that has not measured yet says nothing of it', async (t) => {
  const fresh = bytesOf('01 38 0d 80 ffff ffff bd09 4cc3 1d03 ffff 0000 7d05'.replaceAll(' ', ''));
  const reading = wavePlus(fresh, true);
  t.notOk(reading?.values.some(({ quantity }) => quantity === 'radon'));
  t.equal(reading?.radonLongTerm, undefined);
  t.notOk(
    wavePlus(fresh, false)?.values.some(({ quantity }) => quantity === 'co2'),
    'a Wave Radon has no gas sensor',
  );
  t.equal(wavePlus(Uint8Array.from([2, ...fresh.slice(1)]), true), undefined, 'a layout that is not known is not guessed');
  t.equal(wavePlus(fresh.slice(0, 19), true), undefined);
});

t.test('a Wave Mini tells temperature in kelvin', async (t) => {
  const bytes = Uint8Array.of(0x80, 0, 0x86, 0x74, 0x4c, 0xc3, 0xa0, 0x0f, 0x64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  t.same(
    waveMini(bytes)?.values.map(({ quantity, value }) => [quantity, Math.round(value * 100) / 100]),
    [
      ['temperature', 25.15],
      ['pressure', 999.92],
      ['humidity', 40],
      ['tvoc', 100],
    ],
  );
});

t.test('the answer of a newer device is taken once it is whole, and only for its own request', { skip: skipWithoutVectors }, async (t) => {
  const { cases } = readVectorJson<{ readonly cases: readonly Recorded[] }>('2-gatt/airthings.airthings-ble.json');
  const whole = bytesOf(cases.find(({ kind }) => kind.includes('atom'))!.payload_hex);
  for (let length = 0; length < whole.length; length++) t.equal(atomFields(whole.slice(0, length)), undefined);
  t.equal(atomFields(whole, [0, 0]), undefined, 'the answer to another request');
  const values = Object.fromEntries(atomValues(atomFields(whole)!).map(({ quantity, value }) => [quantity, Number(value.toFixed(2))]));
  t.match(values, { temperature: 23.4, humidity: 34.68, radon: 3, battery_voltage: 2.94 });
  t.equal(Buffer.from(askAtom([0xcc, 0xa4])).toString('hex'), `0301cca481a1006d${Buffer.from('29999/0/31012').toString('hex')}`);
});
