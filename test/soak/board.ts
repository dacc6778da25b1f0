/** A board with devices: the real uplink over a bad line, and a list of what it measured and what it was acknowledged for. */
import { createFrameDecoder, type Frame } from '../../firmware/protocol/frame.ts';
import type { QuantityId } from '../../firmware/protocol/quantities.ts';
import { type Clock, monotonicMs } from '../../firmware/protocol/time.ts';
import { createUplink, type Uplink } from '../../firmware/uplink.ts';
import type { Random } from '../../hardware/virtual/random.ts';
import { createFaultyLine, type FaultyLine } from './faulty-line.ts';
import type { WorldTime } from './time.ts';

/** A measurement as it truly was. */
export interface Truth {
  readonly value: number;
  readonly quantity: QuantityId;
  /** True UTC of its end. */
  readonly endUtcMs: number;
}

export interface Board {
  readonly line: FaultyLine;
  /** Each device measures some times, up to now. */
  measure(times: number, overMs: number): void;
  /** Power off and on: what was not acknowledged is lost with it. */
  restart(): void;
  connected(): void;
  tick(): void;
  readonly waiting: number;
}

export interface BoardOptions {
  readonly name: string;
  readonly time: WorldTime;
  readonly random: Random;
  /** By id, device/boot/sequence. */
  readonly truths: Map<string, Truth>;
  readonly acknowledged: Set<string>;
}

const kinds: readonly { kind: string; quantity: QuantityId; least: number; span: number }[] = [
  { kind: 'scale', quantity: 'weight', least: 60, span: 20 },
  { kind: 'tracker', quantity: 'steps', least: 1, span: 400 },
  { kind: 'home', quantity: 'co2', least: 400, span: 1600 },
];
/** Quartz without compensation. */
const MOST_DRIFT_PPM = 20;
export const DRIFT_BOUND = (MOST_DRIFT_PPM * 1.5) / 1e6;

export function createBoard({ name, time, random, truths, acknowledged }: BoardOptions): Board {
  const devices = kinds.map(({ kind, quantity }) => ({ id: `${kind}-${name}`, kind, name: kind, quantities: [quantity] }));
  let uplink: Uplink;
  let boot = 0;
  let clock: Clock;
  let counts: number[] = [];
  /** Frames as they were sent: how many readings an acknowledgement of one stands for. */
  const sizes = new Map<string, number>();
  const sent = createFrameDecoder();
  let heard = createFrameDecoder();

  const framesOf = (decoder: ReturnType<typeof createFrameDecoder>, bytes: Uint8Array): Frame[] =>
    decoder.push(bytes).flatMap((decoded) => (decoded.kind === 'frame' ? [decoded.frame] : []));
  const line = createFaultyLine(random, (bytes) => {
    for (const frame of framesOf(heard, bytes)) {
      if (frame.type !== 'ack' || frame.boot !== boot) continue;
      const size = sizes.get(`${frame.channel}/${frame.boot}/${frame.sequence}`) ?? 0;
      for (let at = 0; at < size; at++) acknowledged.add(`${devices[frame.channel]?.id}/${boot}/${frame.sequence + at}`);
    }
    uplink.receive(bytes);
  });
  const restart = (): void => {
    boot = Math.floor(random.uniform() * 2 ** 32);
    counts = devices.map(() => 0);
    const drift = 1 + ((random.uniform() * 2 - 1) * MOST_DRIFT_PPM) / 1e6;
    const exact = time.machine(() => 0);
    clock = { ...exact, monotonic: () => monotonicMs(exact.monotonic() * drift) };
    heard = createFrameDecoder();
    uplink = createUplink({
      firmware: '1',
      boot,
      devices,
      clock,
      write(bytes) {
        for (const frame of framesOf(sent, bytes))
          if (frame.type === 'readings') sizes.set(`${frame.channel}/${frame.boot}/${frame.sequence}`, frame.readings.length);
        line.toHub(bytes);
      },
      onCommand: () => undefined,
    });
    if (line.isOpen) uplink.connected();
  };
  restart();
  return {
    line,
    restart,
    measure(times, overMs) {
      for (const [channel, { id }] of devices.entries()) {
        const { quantity, least, span } = kinds[channel]!;
        for (let number = times - 1; number >= 0; number--) {
          const agoMs = Math.floor((number * overMs) / times);
          // No device measured before it was switched on.
          if (agoMs > clock.monotonic()) continue;
          const value = Math.round((least + random.uniform() * span) * 100) / 100;
          truths.set(`${id}/${boot}/${++counts[channel]!}`, { value, quantity, endUtcMs: time.utcMs - agoMs });
          uplink.measured(channel, [{ quantity, value, at: monotonicMs(clock.monotonic() - agoMs), spanMs: 0 }]);
        }
      }
    },
    connected: () => uplink.connected(),
    tick: () => uplink.tick(),
    get waiting() {
      return uplink.waiting;
    },
  };
}
