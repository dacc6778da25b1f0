/** The services of our own devices as a table of characteristics, and what readings do to them. Knows no radio: links are numbers, pushes are given. */
import { LINE_FROM_DEVICE, LINE_SERVICE, LINE_TO_DEVICE, parts } from '../protocol/bluetooth-line.ts';
import type { Reading } from '../protocol/measurement.ts';
import type { QuantityId } from '../protocol/quantities.ts';
import { keptRecord } from '../state.ts';
import { serviceOfKind } from './advert.ts';
import {
  bodySensorLocation,
  currentTime,
  heartRateMeasurement,
  paceFeature,
  paceMeasurement,
  roomCharacteristics,
  wallMsOf,
  wallTimeOf,
  weightMeasurement,
  weightScaleFeature,
} from './encode.ts';
import type { PeripheralDevice, PeripheralOptions } from './peripheral.ts';
import { confirmed, dated, isStored, nextFor, nothingStored, type Stored, store } from './stored.ts';

export type PushBytes = (bytes: Uint8Array) => void;

/** A characteristic, apart from the library that serves it. */
export interface Characteristic {
  readonly uuid: string;
  readonly properties: readonly string[];
  /** Of a person: over an encrypted link alone. */
  readonly isPersonal: boolean;
  /** Undefined while there is no value. */
  readonly read?: (link: number) => Uint8Array | undefined;
  /** False for bytes that it does not take. */
  readonly written?: (link: number, bytes: Uint8Array) => boolean;
  readonly subscribed?: (link: number, mostBytes: number, push: PushBytes) => void;
  readonly unsubscribed?: (link: number) => void;
  readonly confirmed?: (link: number) => void;
}
export interface AnyService {
  readonly uuid: string;
  readonly characteristics: readonly Characteristic[];
}

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

type Options = Pick<PeripheralOptions, 'devices' | 'firmware' | 'state' | 'line' | 'clock'> & {
  /** Minutes ahead of UTC at a time; the machine's own zone. */
  readonly zoneMinutes?: (atUtcMs: number) => number;
};

export function createServices({ devices, firmware, state, line, clock, zoneMinutes = ownZone }: Options): Services {
  const centrals = new Map<number, string>();
  /** What the wall clock was ahead of the monotonic one, once a central has set it. */
  let setAheadMs: number | undefined;
  const wallMs = (atMs: number): number | undefined => {
    if (setAheadMs !== undefined) return atMs + setAheadMs;
    const utcMs = clock.utc() - clock.monotonic() + atMs;
    return utcMs < ANCIENT_MS ? undefined : utcMs + zoneMinutes(utcMs) * 60_000;
  };
  const onTime: (() => void)[] = [];
  const services = devices.map((device) => ofDevice(device, { state, wallMs, onTime, centralOf: (link) => centrals.get(link) ?? '' }));
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

interface DeviceService {
  readonly id: string;
  readonly service: AnyService | undefined;
  measured(readings: readonly Reading[]): void;
  live(readings: readonly Reading[]): void;
}
interface Around {
  readonly state: string;
  readonly wallMs: (atMs: number) => number | undefined;
  readonly onTime: (() => void)[];
  readonly centralOf: (link: number) => string;
}
const nothing = (): void => undefined;

function ofDevice(device: PeripheralDevice, around: Around): DeviceService {
  switch (device.kind) {
    case 'scale':
      return weightScale(device, around);
    case 'tracker':
      return pace(device);
    case 'bed':
      return heartRate(device);
    case 'home':
      return room(device);
    default:
      return { id: device.id, service: undefined, measured: nothing, live: nothing };
  }
}

/** Weigh-ins are indicated one after the other, each central at its own pace: the next one goes when the last was confirmed. */
function weightScale({ id }: PeripheralDevice, { state, wallMs, onTime, centralOf }: Around): DeviceService {
  const kept = keptRecord(`${state}/${id}.bluetooth.json`, isStored);
  let stored: Stored = kept.load() ?? nothingStored;
  /** Of this run, by number: when it was on the monotonic clock. */
  const atMs = new Map<number, number>();
  const links = new Map<number, { readonly push: PushBytes; under: number | undefined }>();
  const keep = (next: Stored): void => {
    stored = next;
    kept.save(stored);
  };
  const tell = (link: number): void => {
    const to = links.get(link);
    const next = nextFor(stored, centralOf(link));
    if (to === undefined || to.under !== undefined || next === undefined) return;
    to.under = next.number;
    to.push(weightMeasurement(next.kg, next.wallMs === null ? undefined : wallTimeOf(next.wallMs)));
  };
  onTime.push(() => {
    keep(
      dated(stored, (number) => {
        const at = atMs.get(number);
        return at === undefined ? undefined : wallMs(at);
      }),
    );
  });
  return {
    id,
    service: {
      uuid: serviceOfKind.scale!,
      characteristics: [
        readOnly('2a9e', weightScaleFeature),
        {
          uuid: '2a9d',
          properties: ['indicate'],
          isPersonal: true,
          subscribed(link, _most, push) {
            links.set(link, { push, under: undefined });
            // After the answer to the subscription: some hosts take what comes before it for nothing.
            setImmediate(() => tell(link));
          },
          unsubscribed: (link) => void links.delete(link),
          confirmed(link) {
            const to = links.get(link);
            if (to?.under === undefined) return;
            keep(confirmed(stored, centralOf(link), to.under));
            to.under = undefined;
            tell(link);
          },
        },
      ],
    },
    live: nothing,
    measured(readings) {
      for (const { quantity, value, at } of readings) {
        if (quantity !== 'weight') continue;
        atMs.set(stored.next, at);
        keep(store(stored, value, wallMs(at) ?? null));
        for (const number of atMs.keys()) if (number < (stored.weighings[0]?.number ?? 0)) atMs.delete(number);
        for (const link of links.keys()) tell(link);
      }
    },
  };
}

function pace({ id }: PeripheralDevice): DeviceService {
  const told = notifies('2a53', true);
  let distanceM = 0;
  return {
    id,
    service: { uuid: serviceOfKind.tracker!, characteristics: [readOnly('2a54', paceFeature), told.characteristic] },
    live: nothing,
    measured(readings) {
      const distance = readings.find(({ quantity }) => quantity === 'distance');
      const cadence = readings.find(({ quantity }) => quantity === 'cadence');
      if (distance === undefined || cadence === undefined || distance.spanMs <= 0) return;
      distanceM += distance.value;
      told.push(paceMeasurement({ speedMps: (distance.value * 1000) / distance.spanMs, stepsPerMinute: cadence.value, distanceM }));
    },
  };
}

function heartRate({ id }: PeripheralDevice): DeviceService {
  const told = notifies('2a37', true);
  return {
    id,
    service: { uuid: serviceOfKind.bed!, characteristics: [told.characteristic, readOnly('2a38', bodySensorLocation)] },
    live(readings) {
      for (const { quantity, value } of readings) if (quantity === 'heart_rate') told.push(heartRateMeasurement(value));
    },
    measured: nothing,
  };
}

function room({ id, quantities }: PeripheralDevice): DeviceService {
  const newest = new Map<QuantityId, Uint8Array>();
  const rows = quantities.flatMap((quantity) => {
    const row = roomCharacteristics[quantity];
    return row === undefined ? [] : [{ quantity, row, told: notifies(row.uuid, false, () => newest.get(quantity)) }];
  });
  return {
    id,
    service: { uuid: serviceOfKind.home!, characteristics: rows.map(({ told }) => told.characteristic) },
    live(readings) {
      for (const { quantity, value } of readings) {
        const found = rows.find((one) => one.quantity === quantity);
        if (found === undefined || !Number.isFinite(value)) continue;
        const bytes = Uint8Array.from(found.row.bytes(value));
        newest.set(quantity, bytes);
        found.told.push(bytes);
      }
    },
    measured: nothing,
  };
}

const readOnly = (uuid: string, read: () => Uint8Array): Characteristic => ({ uuid, properties: ['read'], isPersonal: false, read });

function notifies(
  uuid: string,
  isPersonal: boolean,
  read?: () => Uint8Array | undefined,
): { readonly characteristic: Characteristic; push(bytes: Uint8Array): void } {
  const links = new Map<number, PushBytes>();
  return {
    characteristic: {
      uuid,
      properties: [...(read === undefined ? [] : ['read']), 'notify'],
      isPersonal,
      ...(read === undefined ? {} : { read }),
      subscribed: (link, _most, push) => void links.set(link, push),
      unsubscribed: (link) => void links.delete(link),
    },
    push: (bytes) => links.forEach((push) => void push(bytes)),
  };
}

const ownZone = (atUtcMs: number): number => -new Date(atUtcMs).getTimezoneOffset();
