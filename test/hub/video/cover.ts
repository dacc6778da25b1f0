/** A cover on a servo and a light, on a virtual Arduino: the device's own program, told by the hub's side as over its line. */
import { rmSync } from 'node:fs';
import type { Test } from 'tap';
import { runBoard } from '../../../firmware/board-programs.ts';
import { openFirmataBoard } from '../../../firmware/buses/firmata.ts';
import { systemClock } from '../../../firmware/clock.ts';
import { createShutter } from '../../../firmware/devices/shutter.ts';
import { onVirtualRig, parseRig } from '../../../firmware/rig.ts';
import { startVirtualRig } from '../../../hardware/virtual/rig.ts';
import { openShutter, type Shutter, type ShutterDevice } from '../../../hub/video/shutter.ts';
import { newDataFolder } from '../../e2e/hub.ts';

const SERVO = 9;
const LED = 13;

export interface TestCover {
  readonly shutter: Shutter;
  servo(): number | undefined;
  led(): number | undefined;
  /** How the cover was, and what still ran, when the light last went out. */
  goneDark(): { servo: number | undefined; eyes: string[] } | undefined;
  unplug(): void;
}

export async function openCover(t: Test, eyes: () => string[]): Promise<TestCover> {
  const rig = parseRig(
    `name: eye\nboards:\n  - {name: e, port: virtual, protocol: firmata, devices: [{kind: shutter, id: eye, name: Eye, led: ${LED}, servo: ${SERVO}}]}`,
    'eye.yaml',
  );
  const folder = newDataFolder();
  const virtual = startVirtualRig({ folder, rig, isQuiet: true });
  const [placed] = onVirtualRig(rig, folder).boards;
  const [device] = placed!.devices;
  if (placed?.protocol !== 'firmata' || device?.kind !== 'shutter') throw new Error('no shutter');
  const program = createShutter(device);
  let known: ShutterDevice = { id: 'eye', kind: 'shutter', name: 'Eye', connected: true, message: '' };
  const stop = new AbortController();
  const none = (): void => undefined;
  const running = runBoard({
    open: () => openFirmataBoard(placed.port, systemClock),
    programs: [{ channel: 0, program }],
    uplink: {
      measured: none,
      live: none,
      samples: none,
      introduce: none,
      receive: none,
      connected: none,
      gone: none,
      tick: none,
      waiting: 0,
      status(_channel, { message, shutter }) {
        const { shutter: _before, ...rest } = known;
        known = { ...rest, message, ...(shutter === undefined ? {} : { shutter }) };
      },
    },
    clock: systemClock,
    signal: stop.signal,
  });
  const port = virtual.boards.get('board-e')!;
  let dark: { servo: number | undefined; eyes: string[] } | undefined;
  let wasLit = false;
  const watching = setInterval(() => {
    const isLit = port.output(LED) === 1;
    if (wasLit && !isLit) dark = { servo: port.servo(SERVO), eyes: eyes() };
    wasLit = isLit;
  }, 5);
  t.teardown(async () => {
    clearInterval(watching);
    stop.abort();
    await running;
    virtual[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    shutter: openShutter({
      devices: () => [known],
      command(_device, command) {
        if (command.name === 'shutter') program.shutter!(command);
        return true;
      },
      clock: systemClock,
      signal: stop.signal,
    }),
    servo: () => port.servo(SERVO),
    led: () => port.output(LED),
    goneDark: () => dark,
    unplug: () => port.unplug(),
  };
}
