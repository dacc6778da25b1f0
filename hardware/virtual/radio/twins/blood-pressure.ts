import { at, tenths } from './fields.ts';
import { battery, deviceInformation } from './services.ts';
import type { RadioTwin } from './twin.ts';

/** A cuff for two people that was never set: its clock began at 2000 with its batteries, and it is told the time at last. */
export function createBloodPressure(nowMs: () => number): RadioTwin & { readonly isSet: () => boolean } {
  const BEGAN = Date.UTC(2000, 0, 1, 0, 0, 0);
  let aheadMs = BEGAN - nowMs() + 86_400_000;
  let isSet = false;
  const civil = (atMs: number): number[] => {
    const time = new Date(atMs + aheadMs);
    return at(time);
  };
  // Measured two hours and one hour ago, by its own clock of then.
  const record = (user: number, systolic: number, diastolic: number, pulse: number, agoMs: number): Uint8Array =>
    Uint8Array.of(
      0x0e,
      ...tenths(systolic),
      ...tenths(diastolic),
      ...tenths((systolic + 2 * diastolic) / 3),
      ...civil(nowMs() - agoMs),
      ...tenths(pulse),
      user,
    );
  const stored = [record(1, 121, 79, 61, 7_200_000), record(2, 133, 84, 70, 3_600_000)];
  return {
    name: 'Cuff',
    lists: ['1810'],
    isSet: () => isSet,
    services: [
      {
        uuid: '1810',
        characteristics: [
          { uuid: '2a35', indicates: true, subscribed: (tell) => stored.forEach((bytes) => void tell('2a35', bytes)) },
          { uuid: '2a49', read: () => Uint8Array.of(0, 0) },
        ],
      },
      {
        uuid: '1805',
        characteristics: [
          {
            uuid: '2a2b',
            read: () => Uint8Array.of(...civil(nowMs()), 0, 0, 0),
            write: (bytes) => {
              const [year, month, day, hour, minute, second] = [bytes[0]! | (bytes[1]! << 8), ...bytes.subarray(2, 7)] as [
                number,
                number,
                number,
                number,
                number,
                number,
              ];
              aheadMs = Date.UTC(year, month - 1, day, hour, minute, second) - nowMs();
              isSet = true;
            },
          },
        ],
      },
      deviceInformation('Virtual', 'Cuff 2', 'C-0001'),
      battery(64),
    ],
  };
}
