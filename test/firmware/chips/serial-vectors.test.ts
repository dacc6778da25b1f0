/** Captures of real air sensors and broken frames: each decoded as its maker's values, or refused with a reason. */
import t from 'tap';
import { hpmaFrames } from '../../../firmware/chips/hpma115.ts';
import { mcu680Frames } from '../../../firmware/chips/mcu680.ts';
import { modbusCrc } from '../../../firmware/chips/modbus.ts';
import { sds011Frames, sds198Frames } from '../../../firmware/chips/nova.ts';
import { plantowerFrames, plantowerModels } from '../../../firmware/chips/plantower.ts';
import { s8Commands } from '../../../firmware/chips/senseair-s8.ts';
import { createFrameReader, type Parse } from '../../../firmware/chips/serial-frames.ts';
import { sps30Frames } from '../../../firmware/chips/sps30.ts';
import { mhz19Frames, zh03Frames } from '../../../firmware/chips/winsen.ts';
import { readVectorJson, skipWithoutVectors } from '../../vectors.ts';

interface Capture {
  readonly cases: readonly { readonly frame_hex: string; readonly expect: Readonly<Record<string, number>> }[];
}
interface Negative {
  readonly cases: readonly { readonly id: string; readonly sensor: string; readonly frame_hex: string; readonly error: string }[];
}

/** The sensor of a capture, by the name that its file or case carries. */
const parsers: Readonly<Record<string, Parse<unknown>>> = {
  ...Object.fromEntries(plantowerModels.map((model) => [model, plantowerFrames(model)])),
  pmsx003: plantowerFrames('pms5003'),
  mhz19b: mhz19Frames,
  zh0xx: zh03Frames,
  mcu680: mcu680Frames,
  sds01x: sds011Frames,
  sds198: sds198Frames,
  sps30: sps30Frames,
  hpma115s0: hpmaFrames('hpma115s0'),
  hpma115c0: hpmaFrames('hpma115c0'),
};

/** What the captures call a value: our field, how many of ours make one of theirs, and the decimals they were rounded to. */
type Name = readonly [field: string, scale: number, decimals: number];
const names: Readonly<Record<string, Name>> = {
  raw01: ['pm1_cf1', 1, 1],
  raw25: ['pm2_5_cf1', 1, 1],
  raw10: ['pm10_cf1', 1, 1],
  pm01: ['pm1', 1, 1],
  pm25: ['pm2_5', 1, 1],
  pm04: ['pm4', 1, 1],
  pm10: ['pm10', 1, 1],
  pm100: ['pm100', 1, 1],
  HCHO: ['formaldehyde_mass', 1000, 3],
  temp: ['temperature', 1, 1],
  rhum: ['humidity', 1, 1],
  pres: ['pressureHpa', 1, 2],
  IAQ: ['iaq', 1, 1],
  gas: ['gasOhm', 1000, 1],
  alt: ['heightM', 1, 1],
  CO2: ['co2Ppm', 1, 1],
  diam: ['particle_size', 1, 1],
};
const over: Readonly<Record<string, Name>> = Object.fromEntries(
  ['0_3', '0_5', '1_0', '2_5', '5_0', '10_0'].map((size) => [`n${size}`, [`particles_over_${size.replace('_0', '')}`, 1, 2]]),
);
const upTo: Readonly<Record<string, Name>> = Object.fromEntries(
  ['0_5', '1_0', '2_5', '4_0', '10_0'].map((size) => [`n${size}`, [`particles_to_${size.replace('_0', '')}`, 1, 2]]),
);
const mcuNames: Readonly<Record<string, Name>> = { temp: ['temperatureC', 1, 1], rhum: ['humidityPercent', 1, 1] };
/** Upstream takes the accuracy from bits 4 to 11, which are the index's own; the module's protocol has it in bits 12 to 15. */
const disputed = new Set(['IAQ_acc']);

const namesOf = (sensor: string): Readonly<Record<string, Name>> => ({
  ...names,
  ...(sensor === 'sps30' ? upTo : over),
  ...(sensor === 'mcu680' ? mcuNames : {}),
});

/** Every number of a decoded frame under its field's name, whatever the shape. */
function fieldsOf(value: unknown): Record<string, unknown> {
  const outer = value as Record<string, unknown>;
  return typeof outer.values === 'object' ? (outer.values as Record<string, unknown>) : outer;
}

for (const name of ['MHZ19B', 'PMS3003', 'PMSx003', 'PMS5003T', 'MCU680', 'SPS30', 'SDS01x', 'SDS198', 'HPMA115C0']) {
  t.test(`every captured frame of ${name} gives the values of its capture`, { skip: skipWithoutVectors }, async (t) => {
    const sensor = name.toLowerCase();
    for (const { frame_hex, expect } of readVectorJson<Capture>(`5-serial-sensors/pypms-${name}.json`).cases) {
      const [decoded, ...rest] = createFrameReader(parsers[sensor]!).push(Buffer.from(frame_hex, 'hex'));
      t.same(rest, [], 'one frame and nothing else');
      if (decoded?.kind !== 'frame') return t.fail(`${frame_hex}: ${decoded?.message ?? 'no frame'}`);
      const fields = fieldsOf(decoded.value);
      for (const [theirs, wanted] of Object.entries(expect)) {
        if (disputed.has(theirs)) {
          t.comment(`${theirs} left out: disputed`);
          continue;
        }
        const [field, scale, decimals] = namesOf(sensor)[theirs]!;
        const found = Number(fields[field]) / scale;
        // Half of the last decimal, and the float's own rounding.
        t.ok(Math.abs(found - wanted) <= 0.5 * 10 ** -decimals + 1e-6, `${theirs}: ${found} for ${wanted}`);
      }
    }
  });
}

/** Whole frames in which a sensor says that it has nothing to say yet. */
const withoutValues = new Set(['warming-up', 'none']);

t.test('every broken or empty frame gives no values, and says why', { skip: skipWithoutVectors }, async (t) => {
  for (const { id, sensor, frame_hex, error } of readVectorJson<Negative>('5-serial-sensors/pypms-negative-frames.json').cases) {
    const reader = createFrameReader(parsers[sensor]!);
    const decoded = [...reader.push(Buffer.from(frame_hex, 'hex')), ...reader.end()];
    const values = decoded.filter((one) => one.kind === 'frame' && !withoutValues.has((one.value as { kind?: string }).kind ?? ''));
    t.same(values, [], `${id}: no values`);
    t.ok(decoded.length > 0, `${id}: but a reason`);
    if (/empty/.test(error)) t.match(decoded, [{ kind: 'frame', value: { kind: 'warming-up' } }], id);
    else if (/checksum \S+ !=/.test(error) && !/header/.test(id)) {
      const isOther = sensor === 'mhz19b' && frame_hex.startsWith('ff87');
      t.match(decoded, [{ kind: 'fault', fault: isOther ? 'header' : 'checksum' }], id);
    } else if (/length/.test(error)) t.match(decoded, [{ kind: 'fault', fault: 'length' }], id);
  }
});

t.test('the requests to a SenseAir S8 are those its maker documents', { skip: skipWithoutVectors }, async (t) => {
  const ours = new Set(Object.values(s8Commands).map((bytes) => Buffer.from(bytes).toString('hex')));
  interface Requests {
    readonly cases: readonly { readonly id: string; readonly request_hex: string; readonly crc_ok: boolean }[];
  }
  for (const { id, request_hex, crc_ok } of readVectorJson<Requests>('5-serial-sensors/senseair-s8-requests.json').cases) {
    const bytes = Buffer.from(request_hex, 'hex');
    t.equal(modbusCrc(bytes, bytes.length - 2) === bytes.readUInt16LE(bytes.length - 2), crc_ok, id);
    t.ok(ours.has(request_hex), id);
  }
});
