/**
 * Keep S3: what it says of a weigh-in (event 0x57) on FF01.
 *
 * Frame: 03 for an event, 53, operation, 0, length, …. Event 0x57: stage 5 (0x29 the last), weight 6 (big-endian, 1/200 kg),
 * impedance 10 (ohm), heart rate 12. It starts only for a program with the person's token of the vendor's service, so it is
 * listened to and not driven. Source: openScale's description of captures.
 */
import { u8, u16be } from '../bytes.ts';
import { nothing, type ScaleFamily, weighing } from './family.ts';

const EVENT = 0x03;
const MAGIC = 0x53;
const MEASURED = 0x57;
const LAST_STAGE = 0x29;

export interface KeepEvent {
  readonly stage: number;
  readonly weight: number;
  readonly impedance: number;
  readonly heartRate: number;
}

/** The event of a weigh-in; undefined for other frames and for one whose length is wrong. */
export function keepEvent(bytes: Uint8Array): KeepEvent | undefined {
  const isEvent = u8(bytes, 0) === EVENT && u8(bytes, 1) === MAGIC && u8(bytes, 2) === MEASURED && u8(bytes, 3) === 0;
  if (!isEvent || bytes.length !== 13 || u8(bytes, 4) !== 8) return undefined;
  return { stage: u8(bytes, 5), weight: u16be(bytes, 6) / 200, impedance: u16be(bytes, 10), heartRate: u8(bytes, 12) };
}

export const keepS3: ScaleFamily<null> = {
  id: 'keep-s3',
  model: 'Keep S3',
  subscribe: ['ff01'],
  whole: ['weight', 'impedance', 'heart_rate'],
  holdMs: 15_000,
  formula: 'keep-s3',
  memory: nothing,
  heard: (memory, _, bytes) => {
    const event = keepEvent(bytes);
    if (event === undefined) return { memory };
    const { weight, impedance, heartRate } = event;
    return { memory, ...weighing({ weight, impedance, heart_rate: heartRate }, event.stage === LAST_STAGE ? 'settled' : 'live') };
  },
};
