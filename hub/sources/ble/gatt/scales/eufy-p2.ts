/**
 * Eufy P2 and P2 Pro (T9148, T9149): the scale streams on FFF2 only after an exchange on FFF1 and FFF4.
 *
 * C0: our name, C1: the scale's, C2: both joined, C3: 0 when accepted; each AES-128-CBC under MD5 of the address in capitals,
 * as Base64 text, in segments of 15 bytes [kind, count, index, length of the text, …, exclusive or]. Weight frame (16 bytes,
 * CF 0E 00): impedance 4 (little-endian, 0.1 ohm), weight 6 (little-endian, 0.01 kg), 0 in byte 12 when final, exclusive or of
 * 2 to 14 at the end. Source: eufylife-ble-client (MIT) and ble-scale-sync's description.
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { hexOf, u8, u16le, xor8 } from '../bytes.ts';
import { type Heard, type ScaleFamily, type ScaleRequest, type Weighing, wait, weighing, write } from './family.ts';

/** Sixteen characters '0', not sixteen zeros. */
const IV = Buffer.from('0000000000000000', 'ascii');
const TEXT_PER_SEGMENT = 15;
/** The vendor's program waits so long; units drop the link when it is less. */
const BETWEEN_WRITES_MS = 1000;
const MIN_WEIGHT_KG = 2;
const MAX_WEIGHT_KG = 200;
const MIN_OHM = 200;
const MAX_OHM = 1200;
/** An impedance goes with the weight it was measured at; another person steps on with another weight. */
const SAME_PERSON_KG = 0.5;
const MAX_SEGMENTS = 16;

/** Length of our name: what fits before the padding of one cipher block. */
const NAME_LENGTH = 15;

export const eufyKey = (address: string): Uint8Array =>
  createHash('md5')
    .update(address.replace(/[^0-9a-f]/gi, '').toUpperCase(), 'ascii')
    .digest();

export function encryptToText(key: Uint8Array, text: string): string {
  const cipher = createCipheriv('aes-128-cbc', key, IV);
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64');
}

/** Undefined for what is not encrypted under this key. */
export function decryptText(key: Uint8Array, base64: string): string | undefined {
  try {
    const cipher = createDecipheriv('aes-128-cbc', key, IV);
    return Buffer.concat([cipher.update(Buffer.from(base64, 'base64')), cipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

/** Segments of a text under a kind byte. */
export function segmentsOf(kind: number, text: string): Uint8Array[] {
  const count = Math.max(1, Math.ceil(text.length / TEXT_PER_SEGMENT));
  return Array.from({ length: count }, (_, index) => {
    const part = Buffer.from(text.slice(index * TEXT_PER_SEGMENT, (index + 1) * TEXT_PER_SEGMENT), 'ascii');
    const body = [kind, count, index, text.length, ...part];
    return Uint8Array.from([...body, xor8(body)]);
  });
}

interface Segments {
  readonly text: string;
  readonly next: number;
  /** Of the whole text, as the first segment said. */
  readonly length: number;
}
const noSegments: Segments = { text: '', next: 0, length: 0 };

/** One more segment; the whole text when it was the last. A segment out of order or damaged starts over. */
export function joinSegment(held: Segments, kind: number, frame: Uint8Array): { readonly held: Segments; readonly text?: string } {
  if (frame.length < 5 || u8(frame, 0) !== kind || xor8(frame, 0, frame.length - 1) !== u8(frame, frame.length - 1)) return { held };
  const [count, index] = [u8(frame, 1), u8(frame, 2)];
  if (count > MAX_SEGMENTS || (index !== 0 && index !== held.next)) return { held: noSegments };
  const text = (index === 0 ? '' : held.text) + Buffer.from(frame.subarray(4, -1)).toString('ascii');
  const length = index === 0 ? u8(frame, 3) : held.length;
  if (index < count - 1) return { held: { text, next: index + 1, length } };
  return text.length === length ? { held: noSegments, text } : { held: noSegments };
}

/** What a frame on FFF2 contradicts itself in. */
export function integrityProblems(frame: Uint8Array): string[] {
  if (frame.length !== 16 || u8(frame, 0) !== 0xcf || u8(frame, 2) !== 0) return [];
  const length = u8(frame, 1) === frame.length - 2 ? [] : [`length byte 0x${u8(frame, 1).toString(16)} != ${frame.length - 2}`];
  const expected = xor8(frame, 2, 15);
  const xor = u8(frame, 15) === expected ? [] : [`xor 0x${u8(frame, 15).toString(16)} != expected 0x${expected.toString(16)}`];
  return [...length, ...xor];
}

/** Weight and impedance of a final frame on FFF2; an impedance of a damaged frame, or out of all bounds, is not taken. */
export function weightFrame(frame: Uint8Array): { readonly weight: number; readonly impedance: number } | undefined {
  if (frame.length !== 16 || u8(frame, 0) !== 0xcf || u8(frame, 2) !== 0 || u8(frame, 12) !== 0) return undefined;
  const weight = u16le(frame, 6) / 100;
  if (weight < MIN_WEIGHT_KG || weight > MAX_WEIGHT_KG) return undefined;
  const ohm = u16le(frame, 4) / 10;
  const isMeant = integrityProblems(frame).length === 0 && ohm > MIN_OHM && ohm <= MAX_OHM;
  return { weight, impedance: isMeant ? ohm : 0 };
}

interface Memory {
  readonly key: Uint8Array | null;
  readonly name: string;
  readonly held: Segments;
  readonly isAccepted: boolean;
  readonly last: { readonly weight: number; readonly impedance: number };
}
const empty: Memory = { key: null, name: '', held: noSegments, isAccepted: false, last: { weight: 0, impedance: 0 } };

const spaced = (frames: readonly Uint8Array[]): ScaleRequest[] =>
  frames.flatMap((frame) => [write('fff1', frame, true), wait(BETWEEN_WRITES_MS)]);

function heardAuthentication(memory: Memory, frame: Uint8Array): Heard<Memory> {
  const { key, name } = memory;
  if (key === null) return { memory };
  if (u8(frame, 0) === 0xc3 && frame.length >= 5) {
    if (u8(frame, 4) === 0) return { memory: { ...memory, isAccepted: true } };
    const reason = 'the scale did not accept the exchange of keys';
    return { memory, requests: [{ kind: 'refused', reason, remedy: 'wake the scale by stepping on it, and try again' }] };
  }
  const { held, text } = joinSegment(memory.held, 0xc1, frame);
  const device = text === undefined ? undefined : decryptText(key, text);
  if (device === undefined) return { memory: { ...memory, held } };
  return { memory: { ...memory, held }, requests: spaced(segmentsOf(0xc2, encryptToText(key, `${name}_${device}`))) };
}

export const eufyP2: ScaleFamily<Memory> = {
  id: 'eufy-p2',
  model: 'Eufy P2, P2 Pro',
  subscribe: ['fff2', 'fff4'],
  whole: ['weight', 'impedance'],
  holdMs: 3000,
  formula: 'standard-impedance',
  memory: () => empty,
  connected: ({ connection: { address, random } }) => {
    if (address === null || !/^([0-9a-f]{2}[:-]?){5}[0-9a-f]{2}$/i.test(address)) {
      const reason = 'the radio does not tell the address of the scale, from which its key is made';
      return { memory: empty, requests: [{ kind: 'refused', reason, remedy: 'use an adapter that shows addresses' }] };
    }
    const key = eufyKey(address);
    const name = hexOf(random).slice(0, NAME_LENGTH);
    return { memory: { ...empty, key, name }, requests: spaced(segmentsOf(0xc0, encryptToText(key, name))) };
  },
  heard: (memory, characteristic, bytes) => {
    if (characteristic === 'fff4') return heardAuthentication(memory, bytes);
    if (characteristic !== 'fff2' || !memory.isAccepted) return { memory };
    const frame = weightFrame(bytes);
    if (frame === undefined) return { memory };
    const isSamePerson = Math.abs(frame.weight - memory.last.weight) <= SAME_PERSON_KG;
    const impedance = frame.impedance > 0 ? frame.impedance : isSamePerson ? memory.last.impedance : 0;
    const last = { weight: frame.weight, impedance };
    // The first final frames still drift: the weight is good when two in a row agree.
    const progress = frame.weight === memory.last.weight ? 'final' : 'settled';
    const { weighing: one } = weighing(last, progress);
    return { memory: { ...memory, last }, ...(one !== undefined && { weighing: one }) };
  },
};

/**
 * A broadcast of the family (company 0xFF48, address, CF): weight 9 (little-endian, 0.01 kg), 0 in byte 15 when final.
 * Undefined for other bytes and while the weight moves.
 */
export function eufyBroadcast(data: Uint8Array): Weighing | undefined {
  const weight = u16le(data, 9) / 100;
  const isFinal = data.length >= 19 && u8(data, 6) === 0xcf && u8(data, 15) === 0;
  return isFinal && weight >= MIN_WEIGHT_KG && weight <= MAX_WEIGHT_KG ? weighing({ weight }, 'final').weighing : undefined;
}
