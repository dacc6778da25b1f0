/** Airthings Wave monitors over a connection: what they measured last is read, the supply asked for, and they are left alone. */
import type { BleValue } from '../../advertisement.ts';
import { type ScaleFamily, type ScaleRequest, write } from '../scales/family.ts';
import {
  askBattery,
  COMMAND,
  COMMAND_MINI,
  WAVE_ILLUMINANCE,
  WAVE_MINI,
  WAVE_PLUS,
  WAVE_RADON,
  WAVE_RADON_DAY,
  waveBattery,
  waveMini,
  wavePlus,
  waveRadon,
} from '../vendor/airthings.ts';
import { ATOM_COMMAND, ATOM_NOTIFY, askAtom, atomFields, atomValues } from '../vendor/airthings-atom.ts';
import { recordOf } from './record.ts';

/** It samples each five minutes, and runs for a year on two cells. */
const EVERY_MS = 300_000;
/** The supply comes at once or never. */
const HOLD_MS = 3000;
const IDLE_MS = 15_000;
/** What a first-generation Wave is read by: its own characteristics, and two of the standard. */
const FIRST_GENERATION = [WAVE_RADON_DAY, '2a6e', '2a6f'];
const READINGS = [WAVE_PLUS, WAVE_RADON, WAVE_MINI];

interface Memory {
  readonly open: readonly string[];
  readonly values: readonly BleValue[];
}

function valuesOf(characteristic: string, bytes: Uint8Array): readonly BleValue[] {
  switch (characteristic) {
    case WAVE_PLUS:
    case WAVE_RADON:
      return wavePlus(bytes, characteristic === WAVE_PLUS)?.values ?? [];
    case WAVE_MINI:
      return waveMini(bytes)?.values ?? [];
    case WAVE_RADON_DAY: {
      const radon = waveRadon(bytes);
      return radon === undefined ? [] : [{ quantity: 'radon', value: radon }];
    }
    default:
      return recordOf(characteristic, bytes)?.values ?? [];
  }
}

export const airthingsWave: ScaleFamily<Memory> = {
  id: 'airthings-wave',
  model: 'Airthings Wave',
  subscribe: [COMMAND, COMMAND_MINI],
  whole: ['battery_voltage'],
  holdMs: HOLD_MS,
  idleMs: IDLE_MS,
  restMs: EVERY_MS,
  memory: () => ({ open: [], values: [] }),
  connected: ({ connection: { characteristics } }) => {
    const isFirst = characteristics.has(WAVE_ILLUMINANCE) && characteristics.has(WAVE_RADON_DAY);
    const open = (isFirst ? FIRST_GENERATION : READINGS).filter((uuid) => characteristics.has(uuid));
    const command = [COMMAND, COMMAND_MINI].find((uuid) => characteristics.has(uuid));
    const requests: ScaleRequest[] = open.map((characteristic) => ({ kind: 'read', characteristic }));
    if (command !== undefined && !isFirst) requests.push(write(command, askBattery, true));
    return { memory: { open, values: [] }, requests };
  },
  heard: (memory, _, bytes) => {
    const volts = waveBattery(bytes);
    if (volts === undefined || memory.values.length === 0) return { memory };
    return { memory, weighing: { values: [...memory.values, { quantity: 'battery_voltage', value: volts }], progress: 'final' } };
  },
  answered: (before, characteristic, bytes) => {
    if (!before.open.includes(characteristic)) return { memory: before };
    const values = [...before.values, ...(bytes === null ? [] : valuesOf(characteristic, bytes))];
    const memory = { open: before.open.filter((one) => one !== characteristic), values };
    return memory.open.length > 0 || values.length === 0 ? { memory } : { memory, weighing: { values, progress: 'settled' } };
  },
};

/** Wave Enhance and Corentium Home 2: the newest values in CBOR, in as many notifications as they take. */
export const airthingsAtom: ScaleFamily<{ readonly heard: Uint8Array; readonly random: readonly [number, number] }> = {
  id: 'airthings-atom',
  model: 'Airthings Wave Enhance, Corentium Home 2',
  subscribe: [ATOM_NOTIFY],
  whole: [],
  holdMs: 0,
  idleMs: IDLE_MS,
  restMs: EVERY_MS,
  memory: () => ({ heard: new Uint8Array(0), random: [0, 0] }),
  connected: ({ connection }) => {
    const random = [connection.random[0] ?? 0, connection.random[1] ?? 0] as const;
    return { memory: { heard: new Uint8Array(0), random }, requests: [write(ATOM_COMMAND, askAtom(random), true)] };
  },
  heard: ({ heard: before, random }, characteristic, bytes) => {
    if (characteristic !== ATOM_NOTIFY || before.length > 1024) return { memory: { heard: before, random } };
    const heard = Uint8Array.from([...before, ...bytes]);
    const values = atomValues(atomFields(heard, random) ?? {});
    return { memory: { heard, random }, ...(values.length > 0 && { weighing: { values, progress: 'final' } }) };
  },
};
