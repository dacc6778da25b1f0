/**
 * Who measures here: every device the hub has met, by identity, with its last word. Remembered over restarts, so that a
 * device that stays away is shown as away and not forgotten.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { DeviceStatus, Hello, PlateState } from '../../firmware/protocol/messages.ts';
import type { Clock } from '../../firmware/protocol/time.ts';
import { writeFileAtomic } from '../ops/files.ts';

export interface Device {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly firmware: string;
  readonly quantities: readonly string[];
  readonly connected: boolean;
  readonly state: DeviceStatus['state'] | 'away';
  /** What is wrong and what to do; empty when all is well. */
  readonly message: string;
  /** Of a scale that is connected: whether one may step on. */
  readonly plate?: PlateState | undefined;
  /** Of a camera's cover that is connected, as it last said. */
  readonly shutter?: DeviceStatus['shutter'] | undefined;
  /** UTC milliseconds of the last frame; null when never in this form. */
  readonly lastSeenUtcMs: number | null;
}

/** A household has tens of devices; a fault that invents identities must not grow the list for ever. */
const MOST_DEVICES = 500;
/** Last-seen times are written this often at most: an SD card bears a few writes an hour, not one a second. */
const SAVE_EVERY_MS = 600_000;

export interface Devices {
  list(): Device[];
  get(id: string): Device | undefined;
  met(hello: Hello): void;
  status(id: string, status: DeviceStatus): void;
  /** A frame came. */
  seen(id: string): void;
  /** Its link is down; `message` says why. */
  away(id: string, message: string): void;
  /** Takes one that is away off the list; it is back as soon as it is met. False when it is connected or not known. */
  forget(id: string): boolean;
  save(): void;
}

export function openDevices(file: string, clock: Clock, onChange: (device: Device) => void): Devices {
  const devices = new Map<string, Device>();
  let savedAtMs = Number.NEGATIVE_INFINITY;
  const gone = { connected: false, state: 'away', plate: undefined, shutter: undefined } as const;
  for (const device of load(file)) devices.set(device.id, { ...device, ...gone, message: 'not seen since the hub started' });

  const save = (): void => {
    savedAtMs = clock.monotonic();
    writeFileAtomic(file, JSON.stringify([...devices.values()], null, 1));
  };
  const set = (device: Device, tell: boolean): void => {
    if (!devices.has(device.id) && devices.size >= MOST_DEVICES) return;
    devices.set(device.id, device);
    if (tell) onChange(device);
  };

  return {
    list: () => [...devices.values()],
    get: (id) => devices.get(id),
    met(hello) {
      const before = devices.get(hello.device);
      const { device: id, kind, name, firmware, quantities } = hello;
      const state = before?.connected === true ? before.state : 'running';
      const message = before?.connected === true ? before.message : '';
      set(
        { id, kind, name, firmware, quantities, connected: true, state, message, lastSeenUtcMs: clock.utc() },
        before?.connected !== true,
      );
      if (before === undefined || before.name !== name || before.firmware !== firmware) save();
    },
    status(id, { state, message, plate, shutter }) {
      const device = devices.get(id);
      if (device === undefined) return;
      const isMoved = device.shutter?.isOpen !== shutter?.isOpen || device.shutter?.isLit !== shutter?.isLit;
      const isNews = device.state !== state || device.message !== message || device.plate !== plate || isMoved;
      set({ ...device, state, message, plate, shutter, lastSeenUtcMs: clock.utc() }, isNews);
    },
    seen(id) {
      const device = devices.get(id);
      if (device === undefined) return;
      set({ ...device, connected: true, lastSeenUtcMs: clock.utc() }, false);
      if (clock.monotonic() - savedAtMs >= SAVE_EVERY_MS) save();
    },
    away(id, message) {
      const device = devices.get(id);
      if (device === undefined) return;
      set({ ...device, ...gone, message }, true);
    },
    forget(id) {
      const device = devices.get(id);
      if (device === undefined || device.connected) return false;
      devices.delete(id);
      save();
      onChange(device);
      return true;
    },
    save,
  };
}

/** A list that cannot be read is made anew: every device introduces itself again. */
function load(file: string): Device[] {
  if (!existsSync(file)) return [];
  try {
    const list: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(list) ? list.filter(isDevice) : [];
  } catch {
    return [];
  }
}

const isDevice = (value: unknown): value is Device =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'quantities' in value &&
  Array.isArray(value.quantities);
