/**
 * Withings Steel HR: messages in pieces, each of structures with a type and a length.
 *
 * Message: 01, type (16 bits, big-endian), length of what follows, then structures: type, length, data. A notification carries
 * at most 20 bytes, so a message is whole when its length is reached. Source: Gadgetbridge's description of the watch.
 */
import type { BleValue } from '../../advertisement.ts';
import { u8, u16be } from '../bytes.ts';
import { read } from './reading.ts';

const START = 0x01;
const HEAD_LENGTH = 5;
const STRUCTURE_HEAD = 4;
/** The longest message that a watch sends; what says more is a piece of another. */
const MAX_LENGTH = 8192;

/** The battery, as a message and as the structure in it. */
export const BATTERY_STATUS = 1284;

export interface SteelMessage {
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly structures: readonly { readonly type: number; readonly data: Uint8Array }[];
}

/** The pieces of a message that is not whole yet. */
export type SteelPieces = Uint8Array;
export const noPieces: SteelPieces = new Uint8Array(0);

function structuresOf(body: Uint8Array): SteelMessage['structures'] {
  const structures: { type: number; data: Uint8Array }[] = [];
  let at = 0;
  while (at + STRUCTURE_HEAD <= body.length) {
    const end = at + STRUCTURE_HEAD + u16be(body, at + 2);
    if (end > body.length) break;
    structures.push({ type: u16be(body, at), data: body.slice(at + STRUCTURE_HEAD, end) });
    at = end;
  }
  return structures;
}

/**
 * Adds a notification. Gives the message once it is whole, and what is kept till then. Bytes that open no message are dropped:
 * there is nothing to find the next by but its first byte, and each message starts with a notification of its own.
 */
export function steelPiece(pieces: SteelPieces, piece: Uint8Array): { readonly pieces: SteelPieces; readonly message?: SteelMessage } {
  const bytes = Uint8Array.from([...pieces, ...piece]);
  if (u8(bytes, 0) !== START) return { pieces: noPieces };
  if (bytes.length < HEAD_LENGTH) return { pieces: bytes };
  const length = u16be(bytes, 3);
  if (length > MAX_LENGTH) return { pieces: noPieces };
  if (bytes.length < HEAD_LENGTH + length) return { pieces: bytes };
  const whole = bytes.slice(0, HEAD_LENGTH + length);
  return { pieces: noPieces, message: { type: u16be(whole, 1), bytes: whole, structures: structuresOf(whole.subarray(HEAD_LENGTH)) } };
}

/** What a message measures: the battery in percent. */
export function steelValues({ structures }: SteelMessage): BleValue[] {
  const battery = structures.find(({ type }) => type === BATTERY_STATUS);
  return battery === undefined ? [] : read({ battery: u8(battery.data, 0) });
}
