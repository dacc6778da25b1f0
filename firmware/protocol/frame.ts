/**
 * The framed serial protocol between a device and its hub.
 *
 * On the wire a frame is `00 <COBS block> 00`. Inside the block, little endian:
 *
 * | offset | size | field                                                        |
 * | ------ | ---- | ------------------------------------------------------------ |
 * | 0      | 1    | version, {@link PROTOCOL_VERSION}                            |
 * | 1      | 1    | type                                                         |
 * | 2      | 1    | channel: which device of this link, several may share a board |
 * | 3      | 1    | zero, reserved                                               |
 * | 4      | 4    | boot: random number of the device's boot                     |
 * | 8      | 4    | sequence: number of the frame's first reading in that boot   |
 * | 12     | n    | payload by type                                              |
 * | 12+n   | 4    | CRC-32 of all before it                                      |
 *
 * Why it is so:
 * - COBS (Cheshire & Baker 1999) keeps zero for the delimiter alone, so a receiver that joins mid-stream or meets a cut
 *   frame is in step again at the next zero, whatever the payload; overhead is bounded, unlike SLIP's (RFC 1055).
 *   A zero on both ends costs one byte and keeps line noise between frames from spoiling the next one.
 * - CRC-32 (ISO-HDLC polynomial, as IEEE 802.3 and zlib) finds every burst up to 32 bits and every flip of up to 4 bits
 *   at our frame lengths; the 16-bit CRCs usual on serial lines would pass one bad frame in 65,536.
 * - (device, boot, sequence) names each reading, so that a doubled or re-sent frame is recognised, and a number that
 *   starts again after a restart is not mistaken for an old one.
 * - A receiver acknowledges `readings` only once they are on disk; the sender re-sends until then. `live` values are for
 *   the eye alone: never stored, never acknowledged, lost without harm.
 * - Times are the device's monotonic milliseconds beside its `now`, so a device without a clock is dated by the hub.
 *   For that reason the body is not SenML (RFC 8428), whose times are UTC or relative to the receiver; its fields (name,
 *   unit by the quantity's code, value, time) are the same, and where UTC is known, in sync bodies, SenML is used.
 * - Values are IEEE 754 binary64: no scale factor to misread, and bit-exact from sensor to export.
 */
import { crc32 } from 'node:zlib';
import { isStatedCalibration, type StatedCalibration } from './calibration.ts';
import { cobsDecode, cobsEncode } from './cobs.ts';
import { type Command, type DeviceStatus, type Hello, isCommand, isHello, isStatus } from './messages.ts';
import { decodeSamples, encodeSamples, type RawSamples } from './samples.ts';

export const PROTOCOL_VERSION = 1;
const HEADER_BYTES = 12;
const CRC_BYTES = 4;
/** Longest decoded frame: 43 readings; at 115,200 baud under 0.1 s on the line, so one lost frame costs little. */
export const MAX_FRAME_BYTES = 1024;
const CLOCK_BYTES = 16;
const READING_BYTES = 22;
/** Of a `samples` frame, what is left for the samples. */
export const MAX_SAMPLES_BYTES = MAX_FRAME_BYTES - HEADER_BYTES - CRC_BYTES - CLOCK_BYTES;
export const MAX_READINGS_PER_FRAME = Math.floor((MAX_FRAME_BYTES - HEADER_BYTES - CRC_BYTES - CLOCK_BYTES) / READING_BYTES);
/** Longest encoded block: COBS adds one byte in 254, and one. */
const MAX_ENCODED_BYTES = MAX_FRAME_BYTES + Math.ceil(MAX_FRAME_BYTES / 254) + 1;

/** A reading on the wire: the quantity by its code, so that a code of a newer device can be kept although unknown. */
export interface WireReading {
  readonly code: number;
  readonly value: number;
  /** Device monotonic milliseconds at the end of the span. */
  readonly at: number;
  readonly spanMs: number;
}

/** How the device's monotonic time can be placed: its `now` when sending, and what it believes UTC was at its zero. */
export interface DeviceClock {
  /** Monotonic now of this boot; null when the readings are of an earlier boot. */
  readonly nowMs: number | null;
  /** UTC milliseconds of the boot's monotonic zero as the device knows it; null when it does not. */
  readonly zeroUtcMs: number | null;
}

interface Header {
  readonly channel: number;
  readonly boot: number;
  readonly sequence: number;
}

export type Frame = Header &
  (
    | { readonly type: 'hello'; readonly hello: Hello }
    | { readonly type: 'readings'; readonly clock: DeviceClock; readonly readings: readonly WireReading[] }
    | { readonly type: 'live'; readonly clock: DeviceClock; readonly readings: readonly WireReading[] }
    | { readonly type: 'ack'; readonly utcMs: number | null }
    | { readonly type: 'command'; readonly command: Command }
    | { readonly type: 'status'; readonly status: DeviceStatus }
    /** By which calibration the device weighs, said after each hello and each change. */
    | { readonly type: 'calibration'; readonly calibration: StatedCalibration }
    /** Raw, while the hub asks for it; never acknowledged. */
    | { readonly type: 'samples'; readonly clock: DeviceClock; readonly samples: RawSamples }
  );

const typeCodes = { hello: 1, readings: 2, live: 3, ack: 4, command: 5, status: 6, calibration: 7, samples: 8 } as const;
const typeOfCode = new Map<number, Frame['type']>(Object.entries(typeCodes).map(([type, code]) => [code, type as Frame['type']]));

/** Encodes a frame with its delimiters. Throws RangeError when it would exceed {@link MAX_FRAME_BYTES}. */
export function encodeFrame(frame: Frame): Uint8Array {
  const payload = encodePayload(frame);
  const length = HEADER_BYTES + payload.length + CRC_BYTES;
  if (length > MAX_FRAME_BYTES) {
    throw new RangeError(`a ${frame.type} frame of ${length} bytes is longer than the ${MAX_FRAME_BYTES} allowed: send it in parts`);
  }
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, PROTOCOL_VERSION);
  view.setUint8(1, typeCodes[frame.type]);
  view.setUint8(2, frame.channel);
  view.setUint32(4, frame.boot, true);
  view.setUint32(8, frame.sequence, true);
  bytes.set(payload, HEADER_BYTES);
  view.setUint32(length - CRC_BYTES, crc32(bytes.subarray(0, length - CRC_BYTES)), true);
  const block = cobsEncode(bytes);
  const wire = new Uint8Array(block.length + 2);
  wire.set(block, 1);
  return wire;
}

function encodePayload(frame: Frame): Uint8Array {
  switch (frame.type) {
    case 'hello':
      return encodeJson(frame.hello);
    case 'command':
      return encodeJson(frame.command);
    case 'status':
      return encodeJson(frame.status);
    case 'calibration':
      return encodeJson(frame.calibration);
    case 'ack': {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setFloat64(0, frame.utcMs ?? Number.NaN, true);
      return bytes;
    }
    case 'samples': {
      const samples = encodeSamples(frame.samples);
      const bytes = new Uint8Array(CLOCK_BYTES + samples.length);
      encodeClock(new DataView(bytes.buffer), frame.clock);
      bytes.set(samples, CLOCK_BYTES);
      return bytes;
    }
    case 'readings':
    case 'live':
      return encodeReadings(frame.clock, frame.readings);
  }
}

const encodeJson = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function encodeClock(view: DataView, { nowMs, zeroUtcMs }: DeviceClock): void {
  view.setFloat64(0, nowMs ?? Number.NaN, true);
  view.setFloat64(8, zeroUtcMs ?? Number.NaN, true);
}

const decodeClock = (view: DataView): DeviceClock => ({
  nowMs: finiteOrNull(view.getFloat64(0, true)),
  zeroUtcMs: finiteOrNull(view.getFloat64(8, true)),
});

function encodeReadings(clock: DeviceClock, readings: readonly WireReading[]): Uint8Array {
  const bytes = new Uint8Array(CLOCK_BYTES + readings.length * READING_BYTES);
  const view = new DataView(bytes.buffer);
  encodeClock(view, clock);
  readings.forEach((reading, index) => {
    const offset = CLOCK_BYTES + index * READING_BYTES;
    view.setUint16(offset, reading.code, true);
    view.setFloat64(offset + 2, reading.at, true);
    view.setUint32(offset + 10, reading.spanMs, true);
    view.setFloat64(offset + 14, reading.value, true);
  });
  return bytes;
}

/** Why bytes between two delimiters were no frame. */
export type FrameFault = 'stuffing' | 'length' | 'checksum' | 'version' | 'type' | 'payload';

export type DecodedFrame =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'fault'; readonly fault: FrameFault; readonly bytes: number };

/** Decodes the bytes between two delimiters. Never throws. */
export function decodeBlock(block: Uint8Array): DecodedFrame {
  const fault = (reason: FrameFault): DecodedFrame => ({ kind: 'fault', fault: reason, bytes: block.length });
  const bytes = cobsDecode(block);
  if (bytes === undefined) return fault('stuffing');
  if (bytes.length < HEADER_BYTES + CRC_BYTES || bytes.length > MAX_FRAME_BYTES) return fault('length');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const body = bytes.length - CRC_BYTES;
  if (crc32(bytes.subarray(0, body)) !== view.getUint32(body, true)) return fault('checksum');
  if (view.getUint8(0) !== PROTOCOL_VERSION) return fault('version');
  const type = typeOfCode.get(view.getUint8(1));
  if (type === undefined) return fault('type');
  const header: Header = { channel: view.getUint8(2), boot: view.getUint32(4, true), sequence: view.getUint32(8, true) };
  const frame = decodePayload(type, header, bytes.subarray(HEADER_BYTES, body));
  return frame === undefined ? fault('payload') : { kind: 'frame', frame };
}

function decodePayload(type: Frame['type'], header: Header, payload: Uint8Array): Frame | undefined {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  switch (type) {
    case 'hello': {
      const hello = decodeJson(payload);
      return isHello(hello) ? { ...header, type, hello } : undefined;
    }
    case 'command': {
      const command = decodeJson(payload);
      return isCommand(command) ? { ...header, type, command } : undefined;
    }
    case 'status': {
      const status = decodeJson(payload);
      return isStatus(status) ? { ...header, type, status } : undefined;
    }
    case 'calibration': {
      const calibration = decodeJson(payload);
      return isStatedCalibration(calibration) ? { ...header, type, calibration } : undefined;
    }
    case 'ack':
      return payload.length === 8 ? { ...header, type, utcMs: finiteOrNull(view.getFloat64(0, true)) } : undefined;
    case 'samples': {
      const samples = payload.length < CLOCK_BYTES ? undefined : decodeSamples(payload.subarray(CLOCK_BYTES));
      return samples === undefined ? undefined : { ...header, type, clock: decodeClock(view), samples };
    }
    case 'readings':
    case 'live': {
      const count = (payload.length - CLOCK_BYTES) / READING_BYTES;
      if (!Number.isInteger(count) || count < 0) return undefined;
      const clock = decodeClock(view);
      const readings = Array.from({ length: count }, (_, index): WireReading => {
        const offset = CLOCK_BYTES + index * READING_BYTES;
        return {
          code: view.getUint16(offset, true),
          at: view.getFloat64(offset + 2, true),
          spanMs: view.getUint32(offset + 10, true),
          value: view.getFloat64(offset + 14, true),
        };
      });
      return { ...header, type, clock, readings };
    }
  }
}

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

function decodeJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return undefined;
  }
}

/** Turns chunks of a byte stream, cut anywhere, into frames and faults. */
export interface FrameDecoder {
  push(chunk: Uint8Array): DecodedFrame[];
}

export function createFrameDecoder(): FrameDecoder {
  // One fixed buffer: a stream without delimiters (a wrong baud rate, another protocol) cannot grow it.
  const block = new Uint8Array(MAX_ENCODED_BYTES);
  let length = 0;
  let overlong = false;
  return {
    push(chunk) {
      const decoded: DecodedFrame[] = [];
      for (const byte of chunk) {
        if (byte !== 0) {
          if (length < block.length) block[length++] = byte;
          else overlong = true;
          continue;
        }
        if (overlong) decoded.push({ kind: 'fault', fault: 'length', bytes: length });
        else if (length > 0) decoded.push(decodeBlock(block.subarray(0, length)));
        length = 0;
        overlong = false;
      }
      return decoded;
    },
  };
}
