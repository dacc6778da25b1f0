/**
 * Renpho ES-WBE28 ("Renpho-Scale", Elis 1): the Bluetooth standard with three differences: it is silent until the vendor's own
 * person consents, its masses are in steps of 0.05 kg or 0.1 lb, and its composition comes in two notifications of which the
 * impedance is what counts. The measurements are subscribed last, as the vendor's program does.
 *
 * Source: ble-scale-sync's description of a capture of the device.
 */
import { le16, u8, u16le } from '../bytes.ts';
import { decodeWhatIsThere } from '../characteristics/decode.ts';
import { standard } from '../characteristics/table.ts';
import { civilTimeAt, isoOf } from '../civil-time.ts';
import { decodeUserAnswer, encodeUserRequest, USER_CONTROL_POINT } from '../control/user-control.ts';
import { type Heard, type ScaleContext, type ScaleFamily, type ScaleRequest, weighing, write } from './family.ts';
import { BODY_COMPOSITION_MEASUREMENT, WEIGHT_MEASUREMENT } from './sig-weighing.ts';

/** Opaque questions of the vendor's program, the same each time. */
const HANDSHAKE = [
  [0x10, 0x01, 0x00, 0x11],
  [0x03, 0x00, 0x01, 0x04],
  [0x19, 0x00, 0x19],
];
/** The person that the vendor's program registers on every scale. */
const VENDOR_PERSON = { userIndex: 170, consentCode: 9999 };
const KG_PER_STEP = 20;
const LB_PER_STEP = 10;
const KG_PER_LB = 0.45359237;
/** The standard's resolution of a mass, of which this scale's is ten times. */
const COARSER = 10;

interface Memory {
  readonly weight: number;
  readonly impedance: number;
  readonly deviceTime?: string;
}
const empty: Memory = { weight: 0, impedance: 0 };

function greet({ time, connection: { characteristics }, profile: { sex, heightCm, ageYears } }: ScaleContext): ScaleRequest[] {
  if (!characteristics.has(USER_CONTROL_POINT)) {
    return [
      {
        kind: 'refused',
        reason: `the scale does not show ${USER_CONTROL_POINT}`,
        remedy: 'connect again: its services were not read to the end',
      },
    ];
  }
  const age = Math.max(1, Math.round(ageYears));
  const person: [string, readonly number[]][] = [
    ['2a8c', [sex === 'female' ? 1 : 0]],
    ['2a8e', le16(Math.max(1, Math.round(heightCm)))],
    ...(time === null || time.civil.year === null ? [] : [['2a85', [...le16(time.civil.year - age), 1, 1]] as [string, readonly number[]]]),
    ['2a80', [age & 0xff]],
    ['2aff', [0x04, 0x00]],
  ];
  return [
    ...(characteristics.has('ffe2') ? HANDSHAKE.map((bytes) => write('ffe2', bytes, true)) : []),
    write(USER_CONTROL_POINT, encodeUserRequest({ kind: 'consent', ...VENDOR_PERSON }), true),
    ...person.flatMap(([characteristic, bytes]) => (characteristics.has(characteristic) ? [write(characteristic, bytes, true)] : [])),
    ...[WEIGHT_MEASUREMENT, BODY_COMPOSITION_MEASUREMENT].flatMap((characteristic): ScaleRequest[] =>
      characteristics.has(characteristic) ? [{ kind: 'subscribe', characteristic }] : [],
    ),
  ];
}

const give = (memory: Memory): Heard<Memory> => ({
  memory,
  ...weighing(
    { weight: memory.weight, impedance: memory.impedance },
    'settled',
    memory.deviceTime === undefined ? {} : { deviceTime: memory.deviceTime },
  ),
});

export const renpho: ScaleFamily<Memory> = {
  id: 'renpho',
  model: 'Renpho ES-WBE28',
  subscribe: ['ffe1', USER_CONTROL_POINT],
  whole: ['weight', 'impedance'],
  holdMs: 8000,
  formula: 'standard-impedance',
  memory: () => empty,
  connected: (context) => ({ memory: empty, requests: greet(context) }),
  heard: (memory, characteristic, bytes) => {
    if (characteristic === USER_CONTROL_POINT) {
      const answer = decodeUserAnswer(bytes);
      if (answer?.kind !== 'unauthorised' && answer?.kind !== 'refused') return { memory };
      const reason = 'the scale does not accept the person of the vendor’s program';
      return { memory, requests: [{ kind: 'refused', reason, remedy: 'set the scale up once with the vendor’s program' }] };
    }
    if (characteristic === WEIGHT_MEASUREMENT && bytes.length >= 3) {
      const isPounds = (u8(bytes, 0) & 0x01) !== 0;
      const raw = u16le(bytes, 1);
      const weight = isPounds ? (raw / LB_PER_STEP) * KG_PER_LB : raw / KG_PER_STEP;
      if (!(weight > 0)) return { memory };
      const time = (u8(bytes, 0) & 0x02) !== 0 ? civilTimeAt(bytes, 3) : undefined;
      const deviceTime = time && isoOf(time);
      return give({ weight, impedance: 0, ...(deviceTime !== undefined && { deviceTime }) });
    }
    if (characteristic === BODY_COMPOSITION_MEASUREMENT && bytes.length >= 4) {
      const { fields, units } = decodeWhatIsThere(standard(BODY_COMPOSITION_MEASUREMENT), bytes);
      const own = typeof fields.weight === 'number' ? fields.weight * COARSER * (units.weight === '[lb_av]' ? KG_PER_LB : 1) : 0;
      const ohm = typeof fields.impedance === 'number' ? fields.impedance : 0;
      return give({ ...memory, weight: memory.weight || own, impedance: memory.impedance || ohm });
    }
    return { memory };
  },
};
