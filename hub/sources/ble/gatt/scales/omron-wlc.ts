/**
 * Omron body composition monitors of the "Wellness Link" transfer (HBF-702T, 222T, 227T, 228T, 230T, BCM-500, VIVA): stored
 * weigh-ins in an EEPROM that is read in blocks after the pairing key unlocked it. Nothing is written to it.
 *
 * Commands and answers: [length, command, flags, address (big-endian), size, …, 0, exclusive or], in pieces of 16 bytes over
 * four characteristics each way. A record packs its fields in bits. Source: openScale's description of the vendor's tables.
 */
import { be16, u8, u16be, xor8 } from '../bytes.ts';
import { civilTime, isoOf } from '../civil-time.ts';
import { type Heard, type ScaleFamily, type ScaleRequest, type Weighing, weighing, write } from './family.ts';

const UNLOCK = 'b305b680-aee7-11e1-a730-0002a5d5c51b';
const SEND = [
  'db5b55e0-aee7-11e1-965e-0002a5d5c51b',
  'e0b8a060-aee7-11e1-92f4-0002a5d5c51b',
  '0ae12b00-aee8-11e1-a192-0002a5d5c51b',
  '10e1ba60-aee8-11e1-89e5-0002a5d5c51b',
];
const HEAR = [
  '49123040-aee8-11e1-a74d-0002a5d5c51b',
  '4d0bf320-aee8-11e1-a0d9-0002a5d5c51b',
  '5128ce60-aee8-11e1-b84b-0002a5d5c51b',
  '560f1420-aee8-11e1-8184-0002a5d5c51b',
];
export const OMRON_SERVICE = 'ecbe3980-c9a2-11e1-b1bd-0002a5d5c51b';

const PIECE = 16;
const KEY_LENGTH = 16;
const MAX_BLOCK = 0x20;
const KG_PER_STEP = 20;
const RECORDS = 30;

/** How a model keeps its records. */
export interface OmronModel {
  readonly recordLength: number;
  readonly slots: readonly number[];
  readonly visceralStep: number;
  readonly hasBodyAge: boolean;
}
const HBF_702T: OmronModel = { recordLength: 48, slots: [0x02c0, 0x0890, 0x0e60, 0x1430], visceralStep: 0.5, hasBodyAge: true };
export const HBF_32: OmronModel = { recordLength: 32, slots: [0x02c0, 0x06a0, 0x0a80, 0x0e60], visceralStep: 1, hasBodyAge: true };
const HBF_32_WITHOUT_AGE: OmronModel = { ...HBF_32, hasBodyAge: false };

/** By the model number in the name (`BLEsmart_0001000C…`), or by the name itself once bonded. */
const models: Readonly<Record<string, OmronModel>> = {
  '0001000c': HBF_702T,
  '00010011': HBF_702T,
  '0001040c': HBF_702T,
  'hbf-702t': HBF_702T,
  'krd-703t': HBF_702T,
  '00010009': HBF_32,
  '0001000b': HBF_32,
  '0001000d': HBF_32,
  '00010408': HBF_32,
  'hbf-222t': HBF_32,
  'hbf-227t': HBF_32,
  'hbf-228t': HBF_32,
  'hbf-230t': HBF_32,
  '00010110': HBF_32_WITHOUT_AGE,
  '00010208': HBF_32_WITHOUT_AGE,
  'bcm-500': HBF_32_WITHOUT_AGE,
  viva: HBF_32_WITHOUT_AGE,
};

/** The model of a device by its name; undefined for one whose records are not known. */
export function omronModel(name: string | null): OmronModel | undefined {
  const lower = (name ?? '').trim().toLowerCase();
  const key = lower.startsWith('blesmart_') ? lower.slice(9, 17) : lower;
  return Object.hasOwn(models, key) ? models[key] : undefined;
}

const bits = (value: number, start: number, width: number): number => (value >>> start) & (2 ** width - 1);

/** A record; undefined for a place that was never written or holds no date. */
export function omronRecord(bytes: Uint8Array, { recordLength, visceralStep, hasBodyAge }: OmronModel): Weighing | undefined {
  if (bytes.length < recordLength) return undefined;
  const record = bytes.subarray(0, recordLength);
  if (record.every((byte) => byte === 0xff) || record.every((byte) => byte === 0)) return undefined;
  const head = u16be(record, 2);
  const dayAndHour = u16be(record, 12);
  const time = civilTime(
    2000 + bits(u8(record, 7), 0, 6),
    bits(u8(record, 11), 0, 4),
    bits(u8(record, 12), 3, 5),
    bits(dayAndHour, 6, 5),
    bits(u8(record, 9), 0, 6),
    bits(u8(record, 13), 0, 6),
  );
  const deviceTime = time && isoOf(time);
  if (deviceTime === undefined) return undefined;
  return weighing(
    {
      weight: bits(u16be(record, 26), 4, 12) / KG_PER_STEP,
      fat_ratio: bits(head, 6, 10) / 10,
      visceral_fat: bits(head, 0, 6) * visceralStep,
      basal_metabolism: bits(u16be(record, 4), 4, 12),
      bmi: bits(u16be(record, 8), 6, 10) / 10,
      metabolic_age: hasBodyAge ? bits(u8(record, 10), 0, 7) : undefined,
    },
    'stored',
    { deviceTime },
  ).weighing;
}

const sealed = (...bytes: number[]): number[] => [...bytes, xor8(bytes)];
export const startTransfer = (): number[] => sealed(0x08, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00);
export const endTransfer = (): number[] => sealed(0x08, 0x0f, 0x00, 0x00, 0x00, 0x00, 0x00);
export const readMemory = (address: number, length: number): number[] => sealed(0x08, 0x01, 0x00, ...be16(address), length, 0x00);

export interface OmronAnswer {
  readonly kind: 'start' | 'read' | 'end' | 'other';
  readonly address: number;
  readonly data: Uint8Array;
}

/** An answer whose length and exclusive or are right. */
export function omronAnswer(frame: Uint8Array): OmronAnswer | undefined {
  const length = u8(frame, 0);
  if (!(length >= 8 && length <= frame.length) || xor8(frame, 0, length) !== 0) return undefined;
  const kind = ({ 32768: 'start', 33024: 'read', 36608: 'end' } as const)[u16be(frame, 1)] ?? 'other';
  const size = u8(frame, 5);
  // A block that says more than it brings was never written.
  const data = size > length - 8 ? new Uint8Array(size).fill(0xff) : frame.slice(6, 6 + size);
  return { kind, address: u16be(frame, 3), data };
}

interface Memory {
  readonly pieces: readonly (Uint8Array | undefined)[];
  /** Bytes of the record that is being read, and which one. */
  readonly index: number;
  readonly record: readonly number[];
}
const empty: Memory = { pieces: [], index: 0, record: [] };

const send = (command: readonly number[]): ScaleRequest[] =>
  SEND.flatMap((characteristic, index) => {
    const piece = command.slice(index * PIECE, (index + 1) * PIECE);
    return piece.length > 0 ? [write(characteristic, piece)] : [];
  });

const nextRead = ({ index, record }: Memory, model: OmronModel, slot: number): ScaleRequest[] =>
  index >= RECORDS
    ? send(endTransfer())
    : send(
        readMemory(
          (model.slots[slot] ?? model.slots[0]!) + index * model.recordLength + record.length,
          Math.min(MAX_BLOCK, model.recordLength - record.length),
        ),
      );

export const omronWlc: ScaleFamily<Memory> = {
  id: 'omron-wlc',
  model: 'Omron HBF-702T, 222T, 227T, 228T, 230T, VIVA',
  subscribe: [UNLOCK, ...HEAR],
  whole: ['weight'],
  holdMs: 8000,
  memory: () => empty,
  connected: ({ connection: { name, random }, profile: { pairingKey } }) => {
    if (omronModel(name) === undefined) {
      return {
        memory: empty,
        requests: [
          {
            kind: 'refused',
            reason: `the records of '${name ?? 'this model'}' are not known`,
            remedy: 'capture its session with `hearth ble capture`',
          },
        ],
      };
    }
    if (pairingKey?.length === KEY_LENGTH) return { memory: empty, requests: [write(UNLOCK, [0x01, ...pairingKey], true)] };
    // Without a key the scale has to be in its pairing mode, and takes one of ours.
    const key = random.slice(0, KEY_LENGTH);
    return { memory: empty, requests: [write(UNLOCK, [0x02, ...new Uint8Array(KEY_LENGTH)], true), { kind: 'remember', pairingKey: key }] };
  },
  heard: (memory, characteristic, bytes, { connection: { name, random }, profile: { userSlot = 1 } }): Heard<Memory> => {
    const model = omronModel(name);
    if (model === undefined) return { memory };
    if (characteristic === UNLOCK) {
      const answer = u16be(bytes, 0);
      if (answer === 0x8200) return { memory, requests: [write(UNLOCK, [0x00, ...random.slice(0, KEY_LENGTH)], true)] };
      if (answer === 0x8000 || answer === 0x8100) return { memory, requests: send(startTransfer()) };
      return {
        memory,
        requests: [
          {
            kind: 'refused',
            reason: 'the scale does not accept the pairing key',
            remedy: 'put the scale into its pairing mode and connect again',
          },
        ],
      };
    }
    const channel = HEAR.indexOf(characteristic);
    if (channel < 0) return { memory };
    const pieces = channel === 0 ? [bytes] : [...memory.pieces.slice(0, channel), bytes];
    const frame = Uint8Array.from(pieces.flatMap((piece) => [...(piece ?? [])]));
    if (frame.length < u8(frame, 0)) return { memory: { ...memory, pieces } };
    const answer = omronAnswer(frame);
    const heard = { ...memory, pieces: [] };
    if (answer?.kind === 'start') return { memory: heard, requests: nextRead(heard, model, userSlot - 1) };
    if (answer?.kind !== 'read') return { memory: heard };
    const record = [...memory.record, ...answer.data];
    if (record.length < model.recordLength)
      return { memory: { ...heard, record }, requests: nextRead({ ...heard, record }, model, userSlot - 1) };
    const next = { ...heard, record: [], index: memory.index + 1 };
    const one = omronRecord(Uint8Array.from(record), model);
    return { memory: next, requests: nextRead(next, model, userSlot - 1), ...(one !== undefined && { weighing: { ...one, userSlot } }) };
  },
};
