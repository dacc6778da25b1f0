/**
 * The whole way of a broadcast: a controller on a pty, the radio program with the real noble, the hub's bookkeeping. Each broadcast comes
 * from an address that was never heard before, as in a street of telephones: memory must not grow with them. Time is counted on the
 * cores that were used, so that a busy machine does not count.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '../../../firmware/clock.ts';
import type { Claims } from '../../../hub/sources/ble/claims.ts';
import { startRadioProgram } from '../../../hub/sources/ble/radio/program.ts';
import { createReceiver } from '../../../hub/sources/ble/receiver.ts';
import { createSightings } from '../../../hub/sources/ble/sightings.ts';
import type { BenchRow } from '../row.ts';
import { coreSeconds } from './core.ts';

const ADDRESSES = Number(process.env.HEARTH_BENCH_ADDRESSES ?? 1_000_000);
/** Heaps grow to their working size first. */
const SETTLED = ADDRESSES / 4;
/** What noble keeps of an address that it was told of, measured by itself. */
const NOBLE_BYTES = 1600;
const MOST_BYTES = 16;
const RATE = 200;
const RATE_S = 20;
const MOST_CORE = 0.05;
const TICKS_PER_S = 100;
const TOOK_EVERY = 50;
/** Nothing of this bench may take longer. */
const WITHIN_MS = 900_000;

const root = fileURLToPath(new URL('../../..', import.meta.url));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Processor seconds that a process has used, and the memory that it holds. */
function usageOf(pid: number): { readonly cpuS: number; readonly bytes: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1];
  return { cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S, bytes: Number(kib) * 1024 };
}

/** The radio program is a child of this process. */
function radioPid(): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const isMine = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[1] === String(process.pid);
      if (isMine && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('ble/radio/main.ts')) return Number(pid);
    } catch {
      // ended while it was looked at
    }
  }
  throw new Error('the radio program is not there');
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const deadlineMs = performance.now() + WITHIN_MS; !holds(); ) {
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${WITHIN_MS / 1000} s`);
    await systemClock.sleep(20);
  }
}

const nothingClaimed: Claims = {
  of: () => undefined,
  list: () => [],
  set: () => undefined,
  remove: () => false,
  count: () => undefined,
  save: () => undefined,
};

export async function rows(): Promise<BenchRow[]> {
  const folder = mkdtempSync(`${tmpdir()}/hearth-bench-radio-`);
  const port = `${folder}/hci`;
  const air = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', `${import.meta.dirname}/air.mjs`, port], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let dones = 0;
  createInterface({ input: air.stdout }).on('line', (line) => void (line === 'done' && dones++));
  const stop = new AbortController();
  const sightings = createSightings();
  const receiver = createReceiver({
    claims: nothingClaimed,
    sightings,
    events: { met: () => undefined, commit: async () => undefined, live: () => undefined, trouble: () => undefined },
    onConnectable: () => undefined,
    zoneMinutes: () => 0,
    keptTimes: () => [],
    clock: systemClock,
    signal: stop.signal,
  });
  let heard = 0;
  let floodFrom = 0;
  const radio = startRadioProgram({
    root,
    controller: port,
    isPassive: true,
    onAdvert(advert) {
      receiver.hear(advert);
      if (++heard % TOOK_EVERY === 0) air.stdin.write(`took ${heard - floodFrom}\n`);
    },
    onLink: () => undefined,
    onEnd: () => undefined,
    onHealth: () => undefined,
    log: (text) => console.error(text),
    clock: systemClock,
    signal: stop.signal,
  });
  const flood = async (broadcasts: number): Promise<void> => {
    floodFrom = heard;
    air.stdin.write(`flood ${broadcasts}\n`);
    await until(() => heard - floodFrom >= broadcasts, `${broadcasts} broadcasts`);
  };
  try {
    await until(() => radio.health().adapter === 'poweredOn', 'the radio program');
    // What is on the way once scanning begins must not be lost: it is asked for after the first was heard.
    await systemClock.sleep(1000);
    const pid = radioPid();
    await flood(SETTLED);
    collect();
    const [radioBefore, hubBefore, hubHeapBefore] = [usageOf(pid), coreSeconds(), process.memoryUsage().heapUsed];
    const rest = ADDRESSES - SETTLED;
    await flood(rest);
    const [radioAfter, hubAfter] = [usageOf(pid), coreSeconds()];
    collect();
    const hubHeapAfter = process.memoryUsage().heapUsed;
    const [radioIdle, hubIdle, startMs] = [usageOf(pid), coreSeconds(), performance.now()];
    const before = dones;
    air.stdin.write(`rate ${RATE} ${RATE_S}\n`);
    await until(() => dones > before, 'the steady rate');
    const seconds = (performance.now() - startMs) / 1000;
    const radioCore = (usageOf(pid).cpuS - radioIdle.cpuS) / seconds;
    const hubCore = (coreSeconds() - hubIdle) / seconds;
    const radioS = radioAfter.cpuS - radioBefore.cpuS;
    const hubS = hubAfter - hubBefore;
    const perAddress = (bytes: number): number => Math.max(0, bytes) / rest;
    const radioGrowth = perAddress(radioAfter.bytes - radioBefore.bytes);
    const hubGrowth = perAddress(hubHeapAfter - hubHeapBefore);
    const flat = (name: string, grown: number, is: string): BenchRow => ({
      name: `${name}, ${ADDRESSES.toLocaleString('en')} addresses`,
      value: grown,
      unit: 'bytes/address',
      against: `${is}; noble left to itself ${NOBLE_BYTES}`,
      ratio: grown / NOBLE_BYTES,
      goal: `<= ${MOST_BYTES}`,
      holds: grown <= MOST_BYTES,
    });
    const core = radioCore + hubCore;
    return [
      flat('radio program grows by', radioGrowth, `${Math.round(radioAfter.bytes / 1e6)} MB resident`),
      flat('hub’s bookkeeping grows by', hubGrowth, `${Math.round(hubHeapAfter / 1e6)} MB of heap`),
      {
        name: 'adverts through noble, for each second of the radio program’s core',
        value: rest / radioS,
        unit: 'broadcasts/s',
        against: `limit ${RATE}/s of a home`,
        ratio: rest / radioS / RATE,
        goal: 'ratio >= 20',
        holds: rest / radioS >= 20 * RATE,
      },
      {
        name: 'adverts taken by the hub, for each second of its core',
        value: rest / hubS,
        unit: 'broadcasts/s',
        against: `limit ${RATE}/s of a home`,
        ratio: rest / hubS / RATE,
        goal: 'ratio >= 20',
        holds: rest / hubS >= 20 * RATE,
      },
      {
        name: `core at ${RATE} adverts/s: radio program ${(radioCore * 100).toFixed(1)} %, hub ${(hubCore * 100).toFixed(1)} %`,
        value: core * 100,
        unit: '% of a core',
        against: `limit ${MOST_CORE * 100} %`,
        ratio: core / MOST_CORE,
        goal: 'ratio <= 1',
        holds: core <= MOST_CORE,
      },
    ];
  } finally {
    stop.abort();
    air.stdin.end();
    air.kill();
    await Promise.allSettled([radio.done, receiver.done]);
    rmSync(folder, { recursive: true, force: true });
  }
}
