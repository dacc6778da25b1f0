/**
 * A day of 100 Hz motion through the tracker's own program: the chip's driver reading its FIFO over a bus, counting, actigraphy, health, the
 * outbox on disk, frames to a hub and its acknowledgements. The chip answers at register level from a table, so that the time is the program's.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { runBoard } from '../../../firmware/board-programs.ts';
import type { I2cBus } from '../../../firmware/buses/bus.ts';
import { createTracker } from '../../../firmware/devices/tracker.ts';
import { createFrameDecoder, encodeFrame } from '../../../firmware/protocol/frame.ts';
import { quantities } from '../../../firmware/protocol/quantities.ts';
import { type Clock, monotonicMs, utcMs } from '../../../firmware/protocol/time.ts';
import { openSpool } from '../../../firmware/spool.ts';
import { createUplink } from '../../../firmware/uplink.ts';
import { boardWith } from '../../firmware/devices/bench.ts';
import { walk } from '../../firmware/signal/movements.ts';
import type { BenchRow } from '../row.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const RATE_HZ = 100;
const STEPS_HZ = 1.8;
const SAMPLE_BYTES = 6;
/** LIS3DH datasheet, section 8. */
const WHO_AM_I = 0x0f;
const FIFO_SRC = 0x2f;
const OUT = 0x28;
/** At 8 g a digit is 4 mg, left-justified. */
const MG = 4;

/** A minute of walking and a still sample, as the chip's registers hold them. */
function table(): { walking: Uint8Array; still: Uint8Array } {
  const of = (g: number): Uint8Array => {
    const view = new DataView(new ArrayBuffer(SAMPLE_BYTES));
    view.setInt16(4, Math.round((g * 1000) / MG) << 4, true);
    return new Uint8Array(view.buffer);
  };
  const gait = walk(STEPS_HZ);
  const walking = new Uint8Array(60 * RATE_HZ * SAMPLE_BYTES);
  for (let at = 0; at < 60 * RATE_HZ; at++) walking.set(of(gait(at / RATE_HZ)), at * SAMPLE_BYTES);
  return { walking, still: of(1) };
}

function chipOn(nowMs: () => number): I2cBus {
  const { walking, still } = table();
  let taken = 0;
  return {
    write: async () => undefined,
    async read(_address, register, length) {
      const due = Math.floor((nowMs() * RATE_HZ) / 1000);
      if (register === WHO_AM_I) return Uint8Array.of(0x33);
      if (register === FIFO_SRC) return Uint8Array.of(Math.min(31, due - taken));
      if (((register ?? 0) & 0x7f) !== OUT) return new Uint8Array(length);
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at += SAMPLE_BYTES, taken++) {
        const isWalking = Math.floor(taken / (10 * 60 * RATE_HZ)) % 2 === 0;
        const from = (taken % (60 * RATE_HZ)) * SAMPLE_BYTES;
        bytes.set(isWalking ? walking.subarray(from, from + SAMPLE_BYTES) : still, at);
      }
      return bytes;
    },
  };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** What is left once what nobody needs is gone: how far the heap is let to grow before is the engine's own affair. */
function aliveBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

export async function rows(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-'));
  const stop = new AbortController();
  let now = 0;
  const alive: number[] = [];
  const clock: Clock = {
    monotonic: () => monotonicMs(now),
    utc: () => utcMs(Date.UTC(2026, 0, 1) + now),
    async sleep(ms) {
      const hour = Math.floor(now / HOUR_MS);
      now += ms;
      if (Math.floor(now / HOUR_MS) !== hour) alive.push(aliveBytes());
      if (now >= DAY_MS) stop.abort();
      uplink.tick();
    },
  };
  const spool = openSpool({
    file: `${folder}/outbox.sqlite`,
    clock: { boot: 1, machineBoot: 'bench', zeroMs: 0 },
    machineNowMs: () => now,
  });
  const decoder = createFrameDecoder();
  let steps = 0;
  let kept = 0;
  const program = createTracker({ kind: 'tracker', id: 't', name: 'T', accelerometer: { chip: 'lis3dh', sampleHz: RATE_HZ } });
  const uplink = createUplink({
    firmware: 'bench',
    boot: 1,
    devices: [program],
    clock,
    spool,
    onCommand: () => undefined,
    // The hub: keeps what is new in order, and acknowledges it.
    write(bytes) {
      for (const decoded of decoder.push(bytes)) {
        if (decoded.kind === 'fault' || decoded.frame.type !== 'readings') continue;
        const { channel, boot, sequence, readings } = decoded.frame;
        for (const [at, { code, value }] of readings.entries()) {
          if (sequence + at <= kept) continue;
          kept = sequence + at;
          if (code === quantities.steps.code) steps += value;
        }
        queueMicrotask(() => uplink.receive(encodeFrame({ type: 'ack', channel, boot, sequence, utcMs: Date.UTC(2026, 0, 1) + now })));
      }
    },
  });
  const before = process.cpuUsage();
  await runBoard({
    open: async () => boardWith(chipOn(() => now)),
    programs: [{ channel: 0, program }],
    uplink,
    clock,
    signal: stop.signal,
  });
  const { user, system } = process.cpuUsage(before);
  const { waiting } = uplink;
  spool[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
  const seconds = (user + system) / 1e6;
  const truth = (STEPS_HZ * DAY_MS) / 2000;
  const off = (100 * Math.abs(steps - truth)) / truth;
  const grownMb = Math.max(0, alive.at(-1)! - alive[0]!) / 1e6;
  const row = (name: string, value: number, unit: string, limit: number): BenchRow => ({
    name: `tracker program, ${name}`,
    value,
    unit,
    against: `limit ${limit} ${unit}`,
    ratio: value / limit,
    goal: 'ratio <= 1',
    holds: value <= limit,
  });
  return [
    row('24 h at 100 Hz, chip to outbox to hub', seconds, 's CPU', 20),
    row('memory that stays, hour 1 to 24', grownMb, 'MB more', 2),
    row('steps of the day', off, '% error', 1),
    row('left in the outbox', waiting, 'readings', 10),
  ];
}
