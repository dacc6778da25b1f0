/**
 * Scales that speak the Bluetooth standard and need nothing else, and the Sanitas SBF72/73 which is one of them: consent is
 * asked for with the code of the person, 0 where none was agreed.
 *
 * Source: Weight Scale, Body Composition and User Data services, 1.0 each.
 */
import { CURRENT_TIME, encodeCurrentTime } from '../control/current-time.ts';
import { decodeUserAnswer, encodeUserRequest, USER_CONTROL_POINT } from '../control/user-control.ts';
import { type ScaleFamily, type ScaleRequest, write } from './family.ts';
import {
  BODY_COMPOSITION_MEASUREMENT,
  heardComposition,
  heardWeight,
  noWeighing,
  type SigMemory,
  WEIGHT_MEASUREMENT,
} from './sig-weighing.ts';

const family = (id: string, model: string): ScaleFamily<SigMemory> => ({
  id,
  model,
  subscribe: [USER_CONTROL_POINT, WEIGHT_MEASUREMENT, BODY_COMPOSITION_MEASUREMENT],
  whole: ['weight', 'fat_ratio'],
  holdMs: 5000,
  formula: 'standard-impedance',
  memory: () => noWeighing,
  connected: ({ time, connection: { characteristics }, profile: { userSlot = 1, consentCode = 0 } }) => {
    const clock: ScaleRequest[] =
      time !== null && characteristics.has(CURRENT_TIME) ? [write(CURRENT_TIME, encodeCurrentTime(time.civil), true)] : [];
    const consent: ScaleRequest[] = characteristics.has(USER_CONTROL_POINT)
      ? [write(USER_CONTROL_POINT, encodeUserRequest({ kind: 'consent', userIndex: userSlot, consentCode }), true)]
      : [];
    return { memory: noWeighing, requests: [...clock, ...consent] };
  },
  heard: (memory, characteristic, bytes, { connection: { characteristics }, profile: { userSlot = 1 } }) => {
    if (characteristic === WEIGHT_MEASUREMENT) return heardWeight(memory, bytes, characteristics.has(BODY_COMPOSITION_MEASUREMENT));
    if (characteristic === BODY_COMPOSITION_MEASUREMENT) return heardComposition(memory, bytes);
    if (characteristic !== USER_CONTROL_POINT || decodeUserAnswer(bytes)?.kind !== 'unauthorised') return { memory };
    return {
      memory,
      requests: [
        {
          kind: 'refused',
          reason: `the scale does not accept the code for person ${userSlot}`,
          remedy: 'enter the code that was agreed when this person was set up on the scale, and the number of the person on it',
        },
      ],
    };
  },
});

export const standardGatt = family('standard-gatt', 'Bluetooth standard scale');
export const sanitasSbf72 = family('sanitas-sbf72', 'Sanitas SBF72, SBF73');
