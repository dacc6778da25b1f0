/** A serial cable between two programs, with the faults that cables have. */
import { openPty, type Pty } from './pty.ts';

export interface Cable {
  /** Pulls the plug at both ends. */
  unplug(): void;
  plug(): void;
  /** Carries at most this many bytes a second each way; Infinity: as fast as it goes. */
  slow(bytesPerSecond: number): void;
  /** Flips one bit in every n-th byte; 0: none. */
  corrupt(every: number): void;
  close(): void;
}

/** What a slow cable holds back at most, as the buffers of a USB bridge; more is lost. */
const BUFFER_BYTES = 8192;
const SLICE_MS = 20;

/** Links `${name}.device` and `${name}.hub` in the folder, joined by a cable. */
export function openCable(folder: string, name: string): Cable {
  let ends: { device: Pty; hub: Pty } | undefined;
  let bytesPerSecond = Number.POSITIVE_INFINITY;
  let corruptEvery = 0;
  let count = 0;
  let queues: Record<'device' | 'hub', number[]> = { device: [], hub: [] };
  let timer: NodeJS.Timeout | undefined;

  const spoil = (bytes: Uint8Array): Uint8Array =>
    corruptEvery === 0 ? bytes : bytes.map((byte) => (++count % corruptEvery === 0 ? byte ^ (1 << (count % 8)) : byte));
  const carry = (to: 'device' | 'hub', bytes: Uint8Array): void => {
    if (bytesPerSecond === Number.POSITIVE_INFINITY) ends?.[to].write(spoil(bytes));
    else queues[to].push(...bytes.subarray(0, BUFFER_BYTES - queues[to].length));
  };
  const slice = (): void => {
    const share = Math.max(1, Math.round((bytesPerSecond * SLICE_MS) / 1000));
    for (const to of ['device', 'hub'] as const) {
      const bytes = queues[to].splice(0, share);
      if (bytes.length > 0) ends?.[to].write(spoil(Uint8Array.from(bytes)));
    }
  };
  const plug = (): void => {
    ends ??= {
      device: openPty(`${folder}/${name}.device`, (bytes) => carry('hub', bytes)),
      hub: openPty(`${folder}/${name}.hub`, (bytes) => carry('device', bytes)),
    };
  };
  const unplug = (): void => {
    ends?.device.close();
    ends?.hub.close();
    ends = undefined;
    queues = { device: [], hub: [] };
  };

  plug();
  return {
    plug,
    unplug,
    slow(rate) {
      bytesPerSecond = rate;
      clearInterval(timer);
      timer = rate === Number.POSITIVE_INFINITY ? undefined : setInterval(slice, SLICE_MS);
    },
    corrupt(every) {
      corruptEvery = every;
    },
    close() {
      clearInterval(timer);
      unplug();
    },
  };
}
