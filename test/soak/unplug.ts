/** A serial cable, a real one as the kernel sees it, pulled again and again while measurements are on it. */
import { mkdirSync } from 'node:fs';
import { systemClock } from '../../firmware/clock.ts';
import { keepLink } from '../../firmware/link.ts';
import { type Clock, monotonicMs } from '../../firmware/protocol/time.ts';
import { createUplink } from '../../firmware/uplink.ts';
import { openCable } from '../../hardware/virtual/cable.ts';
import { createRandom } from '../../hardware/virtual/random.ts';
import { keepSerialLink } from '../../hub/sources/serial.ts';
import { openSerialLine } from '../../hub/sources/serial-line.ts';
import { openStore } from '../../hub/store/store.ts';

export interface UnplugOptions {
  readonly seed: number;
  readonly folder: string;
  readonly times: number;
  /** Pulls that are begun after this are left out; monotonic milliseconds of this process. */
  readonly untilMs?: number;
}

export interface UnplugReport {
  readonly seed: number;
  readonly unplugged: number;
  /** How often the hub noticed. */
  readonly noticed: number;
  readonly measured: number;
  readonly kept: number;
  readonly wrong: readonly string[];
}

const DEVICE = 'scale-1';
const BOOT = 7;
/** Ports are looked for each half second; what is tested is what happens then, not the waiting. */
const HURRY = 25;
const MEASURE_MS = 2;
const MOST_WAIT_MS = 30_000;

export async function unplugCable({ seed, folder, times, untilMs = Number.POSITIVE_INFINITY }: UnplugOptions): Promise<UnplugReport> {
  const random = createRandom(seed);
  const stop = new AbortController();
  const { signal } = stop;
  const clock: Clock = { ...systemClock, sleep: (ms, ends) => systemClock.sleep(ms / HURRY, ends) };
  mkdirSync(folder, { recursive: true });
  const cable = openCable(folder, 'scale');
  const store = openStore(`${folder}/hub`);
  const wrong: string[] = [];
  let noticed = 0;
  let opened = 0;
  let measured = 0;

  const line = keepLink(`${folder}/scale.device`, clock, signal);
  const uplink = createUplink({
    firmware: '1',
    boot: BOOT,
    devices: [{ id: DEVICE, kind: 'scale', name: 'Scale', quantities: ['weight'] }],
    clock: systemClock,
    write: line.write,
    onCommand: () => undefined,
  });
  line.start(uplink);
  const link = keepSerialLink({
    name: 'scale',
    open: () => openSerialLine(`${folder}/scale.hub`),
    events: {
      hello: () => undefined,
      async commit(device, boot, readings) {
        await store.vault('person-1').commit(readings.map((reading) => ({ ...reading, device, boot })));
      },
      live: () => undefined,
      status: () => undefined,
      fault: () => undefined,
      refused: (_device, error) => wrong.push(String(error)),
    },
    onState({ kind }) {
      if (kind === 'open') opened++;
      // The reason may change while the cable is out: it is noticed once.
      else if (noticed < opened) noticed++;
    },
    clock,
    signal,
  });
  const measuring = setInterval(() => {
    measured++;
    uplink.measured(0, [{ quantity: 'weight', value: measured, at: monotonicMs(systemClock.monotonic()), spanMs: 0 }]);
    uplink.tick();
  }, MEASURE_MS);
  const until = async (holds: () => boolean, what: string): Promise<void> => {
    const endMs = performance.now() + MOST_WAIT_MS;
    while (!holds() && performance.now() < endMs) await systemClock.sleep(2);
    if (!holds()) wrong.push(`${what}: not within ${MOST_WAIT_MS / 1000} s`);
  };

  let pulled = 0;
  for (let pull = 0; pull < times && wrong.length === 0 && performance.now() < untilMs; pull++) {
    pulled++;
    await until(() => opened > pull, `plugged in for the ${pull + 1}. time the hub finds the cable`);
    // From at once to amid a stream of frames.
    await systemClock.sleep(random.uniform() * 30);
    cable.unplug();
    await until(() => noticed > pull, `pulled for the ${pull + 1}. time the hub notices`);
    await systemClock.sleep(random.uniform() * 10);
    cable.plug();
  }
  clearInterval(measuring);
  const ticking = setInterval(() => uplink.tick(), 10);
  await until(() => uplink.waiting === 0, `${uplink.waiting} readings are acknowledged in the end`);
  clearInterval(ticking);
  const noticedPulls = noticed;
  stop.abort(new Error('done'));
  await link.done;
  cable.close();
  const rows = store.vault('person-1').log(0, Number.MAX_SAFE_INTEGER);
  store[Symbol.dispose]();
  const seen = new Map(rows.map(({ sequence, value }) => [sequence, value]));
  if (seen.size !== rows.length) wrong.push(`${rows.length - seen.size} doubled`);
  for (let sequence = 1; sequence <= measured; sequence++)
    if (seen.get(sequence) !== sequence) wrong.push(`reading ${sequence} is ${seen.get(sequence) ?? 'lost'}`);
  return { seed, unplugged: pulled, noticed: noticedPulls, measured, kept: rows.length, wrong: wrong.slice(0, 10) };
}
