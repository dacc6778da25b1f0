/** The standard GATT service of each kind of device. */
import type { Reading } from '../protocol/measurement.ts';
import type { QuantityId } from '../protocol/quantities.ts';
import { keptRecord } from '../state.ts';
import { serviceOfKind } from './advert.ts';
import { type AnyService, notifies, type PushBytes, readOnly } from './characteristic.ts';
import {
  bodySensorLocation,
  heartRateMeasurement,
  paceFeature,
  paceMeasurement,
  roomCharacteristics,
  wallTimeOf,
  weightMeasurement,
  weightScaleFeature,
} from './encode.ts';
import { confirmed, dated, isStored, nextFor, nothingStored, type Stored, store } from './stored.ts';

export interface PeripheralDevice {
  readonly id: string;
  readonly kind: string;
  readonly quantities: readonly QuantityId[];
}

/** A device's standard service, and what its readings do to it. */
export interface DeviceService {
  readonly id: string;
  readonly service: AnyService | undefined;
  measured(readings: readonly Reading[]): void;
  live(readings: readonly Reading[]): void;
}
/** What the devices of one board have in common. */
interface Around {
  /** Folder of what is kept over restarts. */
  readonly state: string;
  /** The wall clock at a monotonic time; undefined while it is not known. */
  readonly wallMs: (atMs: number) => number | undefined;
  /** Called when a central has set the clock. */
  readonly onTime: (() => void)[];
  /** The address at the other end of a link. */
  readonly centralOf: (link: number) => string;
}
const nothing = (): void => undefined;

export function serviceOf(device: PeripheralDevice, around: Around): DeviceService {
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
