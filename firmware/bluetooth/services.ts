/** The services of our own devices as a table of characteristics, and what readings do to them. Knows no radio: links are numbers, pushes are given. */
import { LINE_FROM_DEVICE, LINE_SERVICE, LINE_TO_DEVICE, parts } from '../protocol/bluetooth-line.ts';
import type { Reading } from '../protocol/measurement.ts';
import type { Clock } from '../protocol/time.ts';
import { type AnyService, type Characteristic, type PushBytes, readOnly } from './characteristic.ts';
import { type PeripheralDevice, serviceOf } from './device-services.ts';
import { currentTime, wallMsOf } from './encode.ts';

export interface Services {
  readonly table: readonly AnyService[];
  measured(device: string, readings: readonly Reading[]): void;
  live(device: string, readings: readonly Reading[]): void;
  write(bytes: Uint8Array): void;
  accepted(link: number, address: string): void;
  gone(link: number): void;
  allGone(): void;
  /** Whether the radio takes more now. */
  mayWrite: () => boolean;
}

const MAKER = 'Hearth';
const LONGEST_SERIAL = 60;
/** Clocks that were never set begin at 1970 or 2000. */
const ANCIENT_MS = Date.UTC(2016, 0, 1);

export interface ServicesOptions {
  readonly devices: readonly PeripheralDevice[];
  readonly firmware: string;
  /** Folder of what is kept over restarts. */
  readonly state: string;
  /** The line to a hub. */
  readonly line: { connected(link: number): void; receive(link: number, bytes: Uint8Array): void; gone(link: number): void };
  readonly clock: Clock;
  /** Minutes ahead of UTC at a time; the machine's own zone. */
  readonly zoneMinutes?: (atUtcMs: number) => number;
}

export function createServices({ devices, firmware, state, line, clock, zoneMinutes = ownZone }: ServicesOptions): Services {
  const centrals = new Map<number, string>();
  /** What the wall clock was ahead of the monotonic one, once a central has set it. */
  let setAheadMs: number | undefined;
  const wallMs = (atMs: number): number | undefined => {
    if (setAheadMs !== undefined) return atMs + setAheadMs;
    const utcMs = clock.utc() - clock.monotonic() + atMs;
    return utcMs < ANCIENT_MS ? undefined : utcMs + zoneMinutes(utcMs) * 60_000;
  };
  const onTime: (() => void)[] = [];
  const services = devices.map((device) => serviceOf(device, { state, wallMs, onTime, centralOf: (link) => centrals.get(link) ?? '' }));
  const listeners = new Map<number, { readonly most: number; readonly push: PushBytes }>();
  const text = (uuid: string, words: string): Characteristic => readOnly(uuid, () => new TextEncoder().encode(words));

  const all: Services = {
    table: [
      ...services.map(({ service }) => service).filter((service) => service !== undefined),
      {
        uuid: LINE_SERVICE,
        characteristics: [
          {
            uuid: LINE_FROM_DEVICE,
            properties: ['notify'],
            isPersonal: true,
            subscribed(link, most, push) {
              listeners.set(link, { most, push });
              line.connected(link);
            },
            unsubscribed(link) {
              if (listeners.delete(link)) line.gone(link);
            },
          },
          {
            uuid: LINE_TO_DEVICE,
            properties: ['write', 'writeWithoutResponse'],
            isPersonal: true,
            written(link, bytes) {
              line.receive(link, bytes);
              return true;
            },
          },
        ],
      },
      {
        uuid: '1805',
        characteristics: [
          {
            uuid: '2a2b',
            properties: ['read', 'write'],
            isPersonal: true,
            read() {
              const now = wallMs(clock.monotonic());
              return now === undefined ? undefined : currentTime(now);
            },
            written(_link, bytes) {
              const told = wallMsOf(bytes);
              if (told === undefined || told < ANCIENT_MS) return false;
              setAheadMs = told - clock.monotonic();
              for (const then of onTime) then();
              return true;
            },
          },
        ],
      },
      {
        uuid: '180a',
        characteristics: [
          text('2a29', MAKER),
          text('2a24', devices.map(({ kind }) => kind).join(' ')),
          text(
            '2a25',
            devices
              .map(({ id }) => id)
              .join(' ')
              .slice(0, LONGEST_SERIAL),
          ),
          text('2a26', firmware),
        ],
      },
    ],
    measured: (device, readings) => services.find(({ id }) => id === device)?.measured(readings),
    live: (device, readings) => services.find(({ id }) => id === device)?.live(readings),
    write(bytes) {
      if (!all.mayWrite()) return;
      for (const { most, push } of listeners.values()) for (const part of parts(bytes, most)) push(part);
    },
    accepted: (link, address) => void centrals.set(link, address),
    gone(link) {
      centrals.delete(link);
      if (listeners.delete(link)) line.gone(link);
      for (const { service } of services) for (const one of service?.characteristics ?? []) one.unsubscribed?.(link);
    },
    allGone() {
      for (const link of [...centrals.keys(), ...listeners.keys()]) all.gone(link);
    },
    mayWrite: () => true,
  };
  return all;
}

const ownZone = (atUtcMs: number): number => -new Date(atUtcMs).getTimezoneOffset();
