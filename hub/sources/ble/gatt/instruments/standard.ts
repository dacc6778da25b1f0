/**
 * Instruments of the Bluetooth standard other than scales: blood pressure, thermometer, oximeter, heart rate, running pod, room sensor.
 *
 * What a service notifies is a record whole in itself, with the device's own time where it has one: instruments tell what they stored as
 * they tell what they just measured. Nothing is ever deleted on the device: other programs may not have read it yet.
 * Sources: Blood Pressure 1.1.1, Health Thermometer 1.0, Pulse Oximeter 1.0.1, Heart Rate 1.0, Running Speed and Cadence 1.0,
 * Environmental Sensing 1.0; the fields are rows of `characteristics/`.
 */
import { environment } from '../characteristics/environment.ts';
import { decodeRecordAnswer, encodeRecordRequest, RECORD_ACCESS_CONTROL_POINT } from '../control/record-access.ts';
import { nothing, type ScaleFamily, type ScaleRequest, type Weighing, write } from '../scales/family.ts';
import { recordOf } from './record.ts';

/** A cuff or a finger clip that has told its records hangs up itself, or is left after this. */
const QUIET_MS = 15_000;
/** A record that follows another comes sooner. */
const NEXT_RECORD_MS = 5000;
/** A strap or a pod is silent for so long only when it is taken off. */
const TAKEN_OFF_MS = 60_000;
/** A room changes slowly, and a coin cell lasts. */
const ROOM_EVERY_MS = 300_000;

const reportAll = (): ScaleRequest =>
  write(RECORD_ACCESS_CONTROL_POINT, encodeRecordRequest({ kind: 'report', selection: { which: 'all' } }), true);

interface Told {
  readonly id: string;
  readonly model: string;
  readonly subscribe: readonly string[];
  readonly holdMs: number;
  readonly idleMs: number;
  readonly stays?: boolean;
}

/** An instrument that notifies records; asked for its stored ones where it has the control point for that. */
const notifies = ({ subscribe, ...told }: Told): ScaleFamily<null> => ({
  ...told,
  subscribe: [...subscribe, RECORD_ACCESS_CONTROL_POINT],
  whole: [],
  setsTime: true,
  memory: nothing,
  connected: ({ connection: { characteristics } }) => ({
    memory: null,
    requests: characteristics.has(RECORD_ACCESS_CONTROL_POINT) ? [reportAll()] : [],
  }),
  heard: (memory, characteristic, bytes) => {
    if (characteristic === RECORD_ACCESS_CONTROL_POINT) {
      const answer = decodeRecordAnswer(bytes);
      if (answer?.kind !== 'refused') return { memory };
      const remedy = 'what it measures from now on is kept; older records stay on it';
      return { memory, requests: [{ kind: 'refused', reason: `it did not tell its stored records (${answer.reason})`, remedy }] };
    }
    const weighing = recordOf(characteristic, bytes);
    return weighing === undefined ? { memory } : { memory, weighing };
  },
});

export const bloodPressure = notifies({
  id: 'blood-pressure',
  model: 'Blood pressure monitor',
  subscribe: ['2a35'],
  holdMs: NEXT_RECORD_MS,
  idleMs: QUIET_MS,
});
export const thermometer = notifies({
  id: 'thermometer',
  model: 'Thermometer',
  subscribe: ['2a1c'],
  holdMs: QUIET_MS,
  idleMs: QUIET_MS,
});
export const oximeter = notifies({
  id: 'oximeter',
  model: 'Pulse oximeter',
  subscribe: ['2a5e', '2a5f'],
  holdMs: QUIET_MS,
  idleMs: QUIET_MS,
  stays: true,
});
export const heartRate = notifies({
  id: 'heart-rate',
  model: 'Heart rate sensor',
  subscribe: ['2a37'],
  holdMs: TAKEN_OFF_MS,
  idleMs: TAKEN_OFF_MS,
  stays: true,
});
export const running = notifies({
  id: 'running',
  model: 'Running sensor',
  subscribe: ['2a53'],
  holdMs: TAKEN_OFF_MS,
  idleMs: TAKEN_OFF_MS,
  stays: true,
});

const roomCharacteristics = environment.filter(({ measures }) => measures !== undefined).map(({ uuid }) => uuid);

interface Room {
  readonly open: ReadonlySet<string>;
  readonly values: Weighing['values'];
}

/** A room sensor of the Environmental Sensing service: every characteristic that measures is read, then it is left alone. */
export const roomSensor: ScaleFamily<Room> = {
  id: 'room-sensor',
  model: 'Room sensor',
  subscribe: [],
  whole: [],
  holdMs: 0,
  idleMs: QUIET_MS,
  restMs: ROOM_EVERY_MS,
  memory: () => ({ open: new Set(), values: [] }),
  connected: ({ connection: { characteristics } }) => {
    const open = roomCharacteristics.filter((uuid) => characteristics.has(uuid));
    return { memory: { open: new Set(open), values: [] }, requests: open.map((characteristic) => ({ kind: 'read', characteristic })) };
  },
  heard: (memory) => ({ memory }),
  answered: ({ open, values: before }, characteristic, bytes) => {
    if (!open.has(characteristic)) return { memory: { open, values: before } };
    const values = [...before, ...((bytes === null ? undefined : recordOf(characteristic, bytes))?.values ?? [])];
    const left = new Set([...open].filter((one) => one !== characteristic));
    const memory = { open: left, values };
    return left.size > 0 || values.length === 0 ? { memory } : { memory, weighing: { values, progress: 'final' } };
  },
};
