/**
 * Nova Fitness laser sensors: SDS011, SDS018, SDS021 (PM2.5 and PM10) and SDS198 (PM100), 9600 baud 8N1.
 *
 * Source: Nova Fitness "Laser PM2.5 Sensor specification, SDS011" V1.3 and "Laser Dust Sensor Control Protocol" V1.3: AA, command, six
 * data bytes, sum of the six, AB. Values are low byte first, in 0.1 ug/m3; SDS198 ("Dust sensor SDS198" V1.2): its second word, in ug/m3.
 */
import type { Uart } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import type { ChipOfValues } from './chip-reading.ts';
import { type FrameShape, type Parse, parserOf, sumOf } from './serial-frames.ts';
import { openUartSensor, type UartSensor, valuesOverUart } from './uart-sensor.ts';

const FRAME_BYTES = 10;
const TAIL = 0xab;

const shape = <T>(name: string, command: number, decode: (low: (at: number) => number) => T): FrameShape<T> => ({
  name,
  header: [0xaa, command],
  lengthOf: (bytes) => (bytes.length < FRAME_BYTES ? undefined : bytes[FRAME_BYTES - 1] === TAIL ? FRAME_BYTES : 0),
  checksums: (frame) => ({ wanted: sumOf(frame, 2, 8) & 0xff, found: frame[8]! }),
  decode: (frame) => decode((at) => frame[at]! | (frame[at + 1]! << 8)),
});

export interface Sds011Sample {
  readonly pm2_5: number;
  readonly pm10: number;
}

/** SDS011, SDS018, SDS021, in ug/m3. */
export const sds011Frames: Parse<Sds011Sample> = parserOf(shape('sds011', 0xc0, (word) => ({ pm2_5: word(2) / 10, pm10: word(4) / 10 })));

/** SDS198: all dust up to 100 um, in ug/m3. */
export const sds198Frames: Parse<{ readonly pm100: number }> = parserOf(shape('sds198', 0xcf, (word) => ({ pm100: word(4) })));

/** A command to every sensor (device id FF FF): AA B4, 13 data bytes, FF FF, sum, AB. */
function command(...data: number[]): Uint8Array {
  const frame = new Uint8Array(19);
  frame.set([0xaa, 0xb4, ...data]);
  frame.set([0xff, 0xff], 15);
  frame[17] = sumOf(frame, 2, 17) & 0xff;
  frame[18] = TAIL;
  return frame;
}
export const novaCommands = {
  /** Reports once a second by itself. */
  active: command(2, 1, 0),
  /** Laser and fan on. */
  wake: command(6, 1, 1),
  sleep: command(6, 1, 0),
} as const;

/** The first seconds after the fan starts carry the dust that lay in it (specification 9: "wake up 30 s before"). */
export const NOVA_WARM_UP_MS = 30_000;

/** A report comes each second (protocol, "active report mode"). */
const SILENT_MS = 5000;

const start = async <T>(sensor: UartSensor<T>): Promise<void> => {
  await sensor.send(novaCommands.wake);
  await sensor.send(novaCommands.active);
};

/** SDS011, SDS018, SDS021. */
export async function openSds011(uart: Uart, clock: Clock, warmUpMs = NOVA_WARM_UP_MS): Promise<ChipOfValues> {
  const sensor = openUartSensor(uart, clock, sds011Frames);
  await start(sensor);
  const next = () => sensor.newest(SILENT_MS);
  const stop = () => sensor.send(novaCommands.sleep);
  return valuesOverUart({ what: 'sds011', uart, clock, warmUpMs, next, reading: (values) => ({ kind: 'values', values }), stop });
}

export async function openSds198(uart: Uart, clock: Clock, warmUpMs = NOVA_WARM_UP_MS): Promise<ChipOfValues> {
  const sensor = openUartSensor(uart, clock, sds198Frames);
  await start(sensor);
  const next = () => sensor.newest(SILENT_MS);
  return valuesOverUart({ what: 'sds198', uart, clock, warmUpMs, next, reading: (values) => ({ kind: 'values', values }) });
}
