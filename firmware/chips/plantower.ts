/**
 * Plantower particle sensors: PMS1003, PMS3003, PMS5003, PMS7003, PMSA003, and PMS5003S, T and ST with more in the same frame.
 *
 * Source: Plantower "PMS5003 series data manual" V2.3, appendix I (9600 baud 8N1; start 0x42 0x4D, length, words, sum of all before it), and
 * the manuals of PMS3003 (24 bytes), PMS5003S, PMS5003T, PMS5003ST (40 bytes) for what stands in which word. A frame says how long it is
 * but not which model sent it: the rig file does.
 */
import type { Uart } from '../buses/bus.ts';
import type { QuantityId } from '../protocol/quantities.ts';
import type { Clock } from '../protocol/time.ts';
import type { ChipOfValues, Values } from './chip-reading.ts';
import { type Parse, parserOf, sumOf, wordsOf } from './serial-frames.ts';
import { openUartSensor, valuesOverUart, warmingUp } from './uart-sensor.ts';

/** The estimate for metal-working particles ("CF=1"), beside the atmospheric one that the quantities hold. */
export type PlantowerField = QuantityId | 'pm1_cf1' | 'pm2_5_cf1' | 'pm10_cf1';

interface Word {
  readonly field: PlantowerField;
  readonly divisor: number;
  readonly isSigned?: true;
}

const masses: readonly Word[] = [
  { field: 'pm1_cf1', divisor: 1 },
  { field: 'pm2_5_cf1', divisor: 1 },
  { field: 'pm10_cf1', divisor: 1 },
  { field: 'pm1', divisor: 1 },
  { field: 'pm2_5', divisor: 1 },
  { field: 'pm10', divisor: 1 },
];
/** Counted in 0.1 litre, which is 100 cm3. */
const counts = (...fields: PlantowerField[]): Word[] => fields.map((field) => ({ field, divisor: 100 }));
const smaller = counts('particles_over_0_3', 'particles_over_0_5', 'particles_over_1', 'particles_over_2_5');
const larger = counts('particles_over_5', 'particles_over_10');
const formaldehyde: Word = { field: 'formaldehyde_mass', divisor: 1 };
const temperature: Word = { field: 'temperature', divisor: 10, isSigned: true };
const humidity: Word = { field: 'humidity', divisor: 10 };

/** Words of each model after the length, and the length that its frames name. */
const models = {
  pms3003: { length: 0x14, words: masses },
  pms1003: { length: 0x1c, words: [...masses, ...smaller, ...larger] },
  pms5003: { length: 0x1c, words: [...masses, ...smaller, ...larger] },
  pms7003: { length: 0x1c, words: [...masses, ...smaller, ...larger] },
  pmsa003: { length: 0x1c, words: [...masses, ...smaller, ...larger] },
  pms5003s: { length: 0x1c, words: [...masses, ...smaller, ...larger, formaldehyde] },
  pms5003t: { length: 0x1c, words: [...masses, ...smaller, temperature, humidity] },
  pms5003st: { length: 0x24, words: [...masses, ...smaller, ...larger, formaldehyde, temperature, humidity] },
} as const satisfies Record<string, { length: number; words: readonly Word[] }>;

export type PlantowerModel = keyof typeof models;
export const plantowerModels = Object.keys(models) as PlantowerModel[];

export type PlantowerSample =
  | { readonly kind: 'values'; readonly values: Readonly<Partial<Record<PlantowerField, number>>> }
  /** For some seconds after power-up the frame is whole and empty. */
  | { readonly kind: 'warming-up' };

/** Parses the frames of one model. Masses in ug/m3, counts per cm3 larger than the named diameter in um. */
export const plantowerFrames = (model: PlantowerModel): Parse<PlantowerSample> => {
  const { length, words } = models[model];
  const end = length + 2;
  return parserOf({
    name: model,
    header: [0x42, 0x4d, 0x00, length],
    lengthOf: () => length + 4,
    checksums: (frame) => ({ wanted: sumOf(frame, 0, end) & 0xffff, found: wordsOf(frame, end, end + 2)[0]! }),
    decode: (frame) => {
      if (sumOf(frame, 4, end) === 0) return { kind: 'warming-up' };
      const raw = wordsOf(frame, 4, end);
      const values = words.map(({ field, divisor, isSigned }: Word, index) => {
        const word = raw[index]!;
        return [field, (isSigned && word > 0x7fff ? word - 0x1_0000 : word) / divisor];
      });
      return { kind: 'values', values: Object.fromEntries(values) };
    },
  });
};

/** Which quantities a model measures. */
export const plantowerQuantities = (model: PlantowerModel): QuantityId[] =>
  models[model].words.map(({ field }: Word) => field).filter((field): field is QuantityId => !field.endsWith('_cf1'));

/** Commands (appendix I, "transport protocol"): 42 4D, command, data, sum. `wake` starts the fan; active mode sends by itself. */
const command = (code: number, data: number): Uint8Array => {
  const body = [0x42, 0x4d, code, 0x00, data];
  const sum = body.reduce((total, byte) => total + byte, 0);
  return Uint8Array.of(...body, sum >> 8, sum & 0xff);
};
export const plantowerCommands = {
  wake: command(0xe4, 1),
  sleep: command(0xe4, 0),
  active: command(0xe1, 1),
  passive: command(0xe1, 0),
  read: command(0xe2, 0),
} as const;

/** The fan needs 30 s of running until the air in the chamber is the room's (manual, "circuit attentions"). */
export const PLANTOWER_WARM_UP_MS = 30_000;

/** A frame comes each second, or each 2.3 s while the air is steady ("transport protocol", active mode). */
const SILENT_MS = 8000;

/** Starts the fan and lets the sensor send by itself. */
export async function openPlantower(
  uart: Uart,
  clock: Clock,
  model: PlantowerModel,
  warmUpMs = PLANTOWER_WARM_UP_MS,
): Promise<ChipOfValues> {
  const sensor = openUartSensor(uart, clock, plantowerFrames(model));
  await sensor.send(plantowerCommands.wake);
  await sensor.send(plantowerCommands.active);
  return valuesOverUart({
    what: model,
    uart,
    clock,
    warmUpMs,
    next: () => sensor.newest(SILENT_MS),
    reading: (sample) => (sample.kind === 'warming-up' ? warmingUp(model) : { kind: 'values', values: quantitiesOf(sample.values) }),
    stop: () => sensor.send(plantowerCommands.sleep),
  });
}

const quantitiesOf = (values: Readonly<Partial<Record<PlantowerField, number>>>): Values =>
  Object.fromEntries(Object.entries(values).filter(([field]) => !field.endsWith('_cf1')));
