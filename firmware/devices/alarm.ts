/** What wakes: a buzzer or a light on a pin, in a rhythm, while the hub says so. */
import type { AlarmDevice } from '../rig.ts';
import type { DeviceProgram } from './device.ts';

/** On and off in turn; a light needs no pauses to be heard over the street. */
const RHYTHM_MS = { buzzer: 400, light: 1000 } as const;
const IDLE_MS = 100;
/** The hub says it again each ten seconds: one that went silent is not followed for ever. */
const WITHOUT_HUB_MS = 20 * 60_000;

export function createAlarm(device: AlarmDevice): DeviceProgram {
  let isOn = false;
  let toldMs: number | undefined;
  return {
    id: device.id,
    kind: 'alarm',
    name: device.name,
    quantities: [],
    alarm(on) {
      isOn = on;
      toldMs = undefined;
      return { ok: true };
    },
    async run({ board, clock, status, signal }) {
      const output = board.output(device.pin);
      output.set(false);
      status({ state: 'running', message: '' });
      const periodMs = RHYTHM_MS[device.output];
      let wasHigh = false;
      try {
        while (!signal.aborted) {
          const nowMs = clock.monotonic();
          toldMs ??= nowMs;
          if (isOn && nowMs - toldMs > WITHOUT_HUB_MS) isOn = false;
          const isHigh = isOn && Math.floor((nowMs - toldMs) / periodMs) % 2 === 0;
          if (isHigh !== wasHigh) output.set(isHigh);
          wasHigh = isHigh;
          await clock.sleep(isOn ? periodMs / 4 : IDLE_MS, signal).catch(() => undefined);
        }
      } finally {
        if (wasHigh) output.set(false);
      }
    },
  };
}
