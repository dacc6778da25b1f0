/**
 * Beurer BF720, BF105, BF500, BF788, BF950: Bluetooth standard, but silent until the person consents with the right code, and
 * without a composition until the person's data were read, written back unchanged and their change counter raised.
 *
 * Order of the vendor's program: time, list of persons (0 to FFF2), consent; after consent date of birth, gender, height and
 * activity (FFF3), then the change counter. Source: User Data Service 1.0 and the captures that ble-scale-sync describes.
 */
import { le16, u8, u16le } from '../bytes.ts';
import { CURRENT_TIME, encodeCurrentTime } from '../control/current-time.ts';
import { decodeUserAnswer, encodeUserRequest, USER_CONTROL_POINT } from '../control/user-control.ts';
import { type Heard, type ScaleContext, type ScaleFamily, type ScaleProfile, type ScaleRequest, write } from './family.ts';
import {
  BODY_COMPOSITION_MEASUREMENT,
  heardComposition,
  heardWeight,
  noWeighing,
  type SigMemory,
  WEIGHT_MEASUREMENT,
} from './sig-weighing.ts';

const CHANGE_COUNTER = '2a99';
const PERSONS = 'fff2';
const NEEDED = [WEIGHT_MEASUREMENT, BODY_COMPOSITION_MEASUREMENT, USER_CONTROL_POINT];
/** The activity that the vendor's program had stored on the captured scale; nothing of the person's profile says it. */
const ACTIVITY = 3;

interface PersonField {
  readonly characteristic: string;
  /** Whether the scale holds a true value: erased memory reads as zeros or as 0xFF. */
  readonly isSet: (bytes: Uint8Array, year: number) => boolean;
  readonly fill: (profile: ScaleProfile, year: number) => readonly number[];
}
const personFields: readonly PersonField[] = [
  {
    characteristic: '2a85',
    isSet: (bytes, year) => bytes.length >= 4 && u16le(bytes, 0) >= 1900 && u16le(bytes, 0) <= year,
    fill: ({ birthDate, ageYears }, year) =>
      birthDate === undefined
        ? [...le16(year - Math.max(1, Math.round(ageYears))), 1, 1]
        : [...le16(birthDate.year), birthDate.month, birthDate.day],
  },
  { characteristic: '2a8c', isSet: (bytes) => u8(bytes, 0) <= 2, fill: ({ sex }) => [sex === 'male' ? 0 : 1] },
  {
    characteristic: '2a8e',
    isSet: (bytes) => u16le(bytes, 0) >= 50 && u16le(bytes, 0) <= 250,
    fill: ({ heightCm }) => le16(Math.max(1, Math.round(heightCm))),
  },
  { characteristic: 'fff3', isSet: (bytes) => u8(bytes, 0) > 0 && u8(bytes, 0) < 0xff, fill: () => [ACTIVITY] },
];

interface Memory {
  readonly sig: SigMemory;
  /** `open` until the scale accepted; `reading` the person's data; `told` once they are written back. */
  readonly person:
    | { readonly kind: 'open' | 'told' }
    | { readonly kind: 'reading'; readonly answers: ReadonlyMap<string, Uint8Array | null> };
}
const empty: Memory = { sig: noWeighing, person: { kind: 'open' } };

const refused = (reason: string, remedy: string): ScaleRequest => ({ kind: 'refused', reason, remedy });

function greet({
  time,
  connection: { characteristics },
  profile: { consentCode, userSlot = 1, register = false },
}: ScaleContext): ScaleRequest[] {
  const missing = NEEDED.filter((characteristic) => !characteristics.has(characteristic));
  if (missing.length > 0) {
    return [refused(`the scale does not show ${missing.join(', ')}`, 'connect again: its services were not read to the end')];
  }
  if (consentCode === undefined) {
    return [
      refused(
        'the scale asks for a code',
        'enter the code that it showed when this person was set up on it, or 0 after its batteries were changed',
      ),
    ];
  }
  return [
    ...(time === null ? [] : [write(CURRENT_TIME, encodeCurrentTime(time.civil), true)]),
    ...(characteristics.has(PERSONS) ? [write(PERSONS, [0], true)] : []),
    write(
      USER_CONTROL_POINT,
      encodeUserRequest(register ? { kind: 'register', consentCode } : { kind: 'consent', userIndex: userSlot, consentCode }),
      true,
    ),
  ];
}

const fieldsOf = (characteristics: ReadonlySet<string>): PersonField[] =>
  personFields.filter(({ characteristic }) => characteristics.has(characteristic));

/** Reads the person's data; where the scale has none of them, what follows the reading. */
function askPerson(memory: Memory, context: ScaleContext, before: readonly ScaleRequest[]): Heard<Memory> {
  if (memory.person.kind !== 'open') return { memory };
  const fields = fieldsOf(context.connection.characteristics);
  if (fields.length === 0) return { memory: { ...memory, person: { kind: 'told' } }, requests: [...before, ...raiseCounter(context)] };
  const reads = fields.map(({ characteristic }) => ({ kind: 'read', characteristic }) as const);
  return { memory: { ...memory, person: { kind: 'reading', answers: new Map() } }, requests: [...before, ...reads] };
}

const raiseCounter = ({ connection: { characteristics } }: ScaleContext): ScaleRequest[] =>
  characteristics.has(CHANGE_COUNTER) ? [write(CHANGE_COUNTER, [1, 0, 0, 0], true)] : [];

function heardUser(memory: Memory, bytes: Uint8Array, context: ScaleContext): Heard<Memory> {
  const answer = decodeUserAnswer(bytes);
  switch (answer?.kind) {
    case 'consented':
      return askPerson(memory, context, []);
    case 'registered':
      return askPerson(memory, context, [{ kind: 'remember', userSlot: answer.userIndex }]);
    case 'unauthorised':
      return {
        memory,
        requests: [
          refused(
            `the scale does not accept the code for person ${context.profile.userSlot ?? 1}`,
            'enter the code and the number of the person as the scale has them; after a change of batteries set the person up again',
          ),
        ],
      };
    case 'refused':
      return { memory, requests: [refused(`the scale refused: ${answer.reason}`, 'free a person on the scale, or set it up again')] };
    default:
      return { memory };
  }
}

export const beurerBf720: ScaleFamily<Memory> = {
  id: 'beurer-bf720',
  model: 'Beurer BF720, BF105, BF500, BF788, BF950',
  subscribe: [WEIGHT_MEASUREMENT, BODY_COMPOSITION_MEASUREMENT, USER_CONTROL_POINT, CHANGE_COUNTER, PERSONS],
  whole: ['weight', 'fat_ratio'],
  holdMs: 20_000,
  memory: () => empty,
  connected: (context) => ({ memory: empty, requests: greet(context) }),
  timeKnown: (memory, { time }) => ({ memory, requests: time === null ? [] : [write(CURRENT_TIME, encodeCurrentTime(time.civil), true)] }),
  heard: (memory, characteristic, bytes, context) => {
    if (characteristic === USER_CONTROL_POINT) return heardUser(memory, bytes, context);
    const reading =
      characteristic === WEIGHT_MEASUREMENT
        ? heardWeight(memory.sig, bytes, true)
        : characteristic === BODY_COMPOSITION_MEASUREMENT
          ? heardComposition(memory.sig, bytes)
          : undefined;
    if (reading === undefined) return { memory };
    // A composition whose weight has not come is kept and not shown.
    const { memory: sig, weighing } = reading;
    return { memory: { ...memory, sig }, ...(weighing !== undefined && weighing.progress !== 'live' && { weighing }) };
  },
  answered: (memory, characteristic, bytes, context) => {
    if (memory.person.kind !== 'reading') return { memory };
    const answers = new Map(memory.person.answers).set(characteristic, bytes);
    const fields = fieldsOf(context.connection.characteristics);
    if (fields.some((field) => !answers.has(field.characteristic))) return { memory: { ...memory, person: { kind: 'reading', answers } } };
    const year = context.time?.civil.year ?? 9999;
    const writes = fields.flatMap(({ characteristic: field, isSet, fill }) => {
      const stored = answers.get(field);
      // What could not be read is not known to be empty, and is left alone.
      if (stored === null || stored === undefined) return [];
      const canFill = context.profile.provision === true && context.time !== null && !isSet(stored, year);
      return [write(field, canFill ? fill(context.profile, year) : stored, true)];
    });
    return { memory: { ...memory, person: { kind: 'told' } }, requests: [...writes, ...raiseCounter(context)] };
  },
};
