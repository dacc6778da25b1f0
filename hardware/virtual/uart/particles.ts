/**
 * Particle sensors on serial lines: Plantower, Nova, Honeywell, Winsen ZH03 and Sensirion SPS30, byte for byte.
 * Sources: the data sheets named in firmware/chips beside each driver; commands that a driver uses are obeyed, others are ignored as they do.
 */
import { commandReader, every, sum, type UartTwin, type UartTwinOptions, word } from './uart-twin.ts';

/** ug/m3. */
export interface Dust {
  readonly pm1: number;
  readonly pm2_5: number;
  readonly pm4: number;
  readonly pm10: number;
  readonly pm100: number;
}
export interface DustTwinOptions extends UartTwinOptions {
  readonly dust: (nowMs: number) => Dust;
}

/** Counts over 0.3 to 10 um in 0.1 l that go with a mass, about as indoor air has them. */
const countsOf = (pm2_5: number): number[] => [pm2_5 * 180, pm2_5 * 52, pm2_5 * 9, pm2_5 * 1.1, pm2_5 * 0.2, pm2_5 * 0.1];

export type PlantowerLayout = 'pms3003' | 'pms5003' | 'pms5003s' | 'pms5003t' | 'pms5003st';

/** Sends once a second once it is awake and in active mode; its first two frames are empty, as the sensor's are. */
export function createPlantowerTwin(
  options: DustTwinOptions & { readonly layout?: PlantowerLayout; readonly temperatureC?: number },
): UartTwin {
  const { send, nowMs, dust, layout = 'pms5003', temperatureC = 21.5 } = options;
  let isAwake = true;
  let isActive = true;
  let frames = 0;
  const frame = (): Uint8Array => {
    const { pm1, pm2_5, pm10 } = dust(nowMs());
    const masses = [pm1, pm2_5, pm10, pm1, pm2_5, pm10];
    const counts = countsOf(pm2_5);
    const climate = [temperatureC * 10, 460];
    const words = {
      pms3003: [...masses, 0, 0, 0x51],
      pms5003: [...masses, ...counts, 0x9700],
      pms5003s: [...masses, ...counts, 12],
      pms5003t: [...masses, ...counts.slice(0, 4), ...climate, 0x9a00],
      pms5003st: [...masses, ...counts, 12, ...climate, 0, 0x9100],
    }[layout];
    const isEmpty = frames++ < 2;
    const data = words.flatMap((value) => (isEmpty ? [0, 0] : word(value)));
    const body = [0x42, 0x4d, ...word(data.length + 2), ...data];
    return Uint8Array.of(...body, ...word(sum(body)));
  };
  return {
    tick: every(1000, nowMs, () => {
      if (isAwake && isActive) send(frame());
    }),
    receive: commandReader(
      (bytes) => (bytes[0] !== 0x42 ? 0 : 7),
      ([, , command, , data]) => {
        if (command === 0xe4) {
          if (data === 1 && !isAwake) frames = 0;
          isAwake = data === 1;
        } else if (command === 0xe1) isActive = data === 1;
        else if (command === 0xe2 && isAwake) send(frame());
      },
    ),
  };
}

export function createNovaTwin(options: DustTwinOptions & { readonly model?: 'sds011' | 'sds198' }): UartTwin {
  const { send, nowMs, dust, model = 'sds011' } = options;
  let isAwake = true;
  return {
    tick: every(1000, nowMs, () => {
      if (!isAwake) return;
      const { pm2_5, pm10, pm100 } = dust(nowMs());
      const low = (value: number): number[] => word(value).reverse();
      const data = model === 'sds011' ? [...low(pm2_5 * 10), ...low(pm10 * 10), 0x58, 0xd9] : [0x0e, 0x00, ...low(pm100), 0xe9, 0x05];
      send(Uint8Array.of(0xaa, model === 'sds011' ? 0xc0 : 0xcf, ...data, sum(data) & 0xff, 0xab));
    }),
    receive: commandReader(
      (bytes) => (bytes[0] !== 0xaa ? 0 : 19),
      (command) => {
        if (command[2] === 6 && command[3] === 1) isAwake = command[4] === 1;
        const data = [command[2]!, command[3]!, command[4]!, 0, 0x58, 0xd9];
        send(Uint8Array.of(0xaa, 0xc5, ...data, sum(data) & 0xff, 0xab));
      },
    ),
  };
}

export function createHpmaTwin(options: DustTwinOptions & { readonly model?: 'hpma115s0' | 'hpma115c0' }): UartTwin {
  const { send, nowMs, dust, model = 'hpma115c0' } = options;
  let isRunning = false;
  const answer = (): Uint8Array => {
    const { pm1, pm2_5, pm4, pm10 } = dust(nowMs());
    const values = model === 'hpma115s0' ? [pm2_5, pm10] : [pm1, pm2_5, pm4, pm10, 0, 0];
    const data = values.flatMap((value) => word(value));
    const body = [0x40, data.length + 1, 0x04, ...data];
    return Uint8Array.of(...body, -sum(body) & 0xff);
  };
  return {
    tick: () => undefined,
    receive: commandReader(
      (bytes) => (bytes[0] !== 0x68 ? 0 : 4),
      ([, , command]) => {
        if (command === 0x01) isRunning = true;
        if (command === 0x02) isRunning = false;
        if (command === 0x04) send(isRunning ? answer() : Uint8Array.of(0x96, 0x96));
        else send(Uint8Array.of(0xa5, 0xa5));
      },
    ),
  };
}

/** ZH03B in question mode. */
export function createZh03Twin({ send, nowMs, dust }: DustTwinOptions): UartTwin {
  return {
    tick: () => undefined,
    receive: commandReader(
      (bytes) => (bytes[0] !== 0xff ? 0 : 9),
      ([, , command]) => {
        if (command !== 0x86) return;
        const { pm1, pm2_5, pm10 } = dust(nowMs());
        const body = [0x86, ...word(pm2_5), ...word(pm10), ...word(pm1)];
        send(Uint8Array.of(0xff, ...body, -sum(body) & 0xff));
      },
    ),
  };
}

const SHDLC_FLAG = 0x7e;
const stuff = (byte: number): number[] => ([0x7e, 0x7d, 0x11, 0x13].includes(byte) ? [0x7d, byte ^ 0x20] : [byte]);

/** SPS30: SHDLC; a new measurement each second, an empty answer before it. */
export function createSps30Twin({ send, nowMs, dust }: DustTwinOptions): UartTwin {
  let startedMs: number | undefined;
  let takenS = 0;
  const answer = (command: number, state: number, data: readonly number[]): void => {
    const body = [0, command, state, data.length, ...data];
    send(Uint8Array.of(SHDLC_FLAG, ...[...body, ~sum(body) & 0xff].flatMap(stuff), SHDLC_FLAG));
  };
  const measured = (): number[] => {
    const { pm1, pm2_5, pm4, pm10 } = dust(nowMs());
    const values = [pm1, pm2_5, pm4, pm10, pm2_5 * 6, pm2_5 * 7, pm2_5 * 7.2, pm2_5 * 7.25, pm2_5 * 7.3, 0.62];
    const view = new DataView(new ArrayBuffer(values.length * 4));
    for (const [index, value] of values.entries()) view.setFloat32(index * 4, value);
    return [...new Uint8Array(view.buffer)];
  };
  return {
    tick: () => undefined,
    receive: commandReader(
      (bytes) => {
        if (bytes[0] !== SHDLC_FLAG) return 0;
        const end = bytes.indexOf(SHDLC_FLAG, 1);
        return end === -1 ? undefined : end === 1 ? 0 : end + 1;
      },
      (frame) => {
        const command = frame[2]!;
        if (command === 0x00) {
          answer(command, startedMs === undefined ? 0 : 0x43, []);
          startedMs ??= nowMs();
        } else if (command === 0x01) {
          answer(command, startedMs === undefined ? 0x43 : 0, []);
          startedMs = undefined;
          takenS = 0;
        } else if (command === 0x03) {
          const passedS = startedMs === undefined ? 0 : Math.floor((nowMs() - startedMs) / 1000);
          const isNew = passedS > takenS;
          takenS = passedS;
          answer(command, startedMs === undefined ? 0x43 : 0, isNew ? measured() : []);
        } else if (command === 0xd0) answer(command, 0, [...Buffer.from('AB12CD34EF56\0')]);
        else answer(command, 0x02, []);
      },
    ),
  };
}
