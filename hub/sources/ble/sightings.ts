/**
 * Devices that were found and could be added. Of everybody else's devices nothing is kept but how many broadcasts they made: they are
 * not the household's business. Bounded, because phones change their address each quarter of an hour.
 */
import type { BleValue } from './advertisement.ts';

export interface Sighting {
  readonly address: string;
  readonly model: string;
  readonly name: string | null;
  /** dBm. */
  readonly rssi: number;
  readonly heardUtcMs: number;
  /** Values that it broadcasts openly, to recognise it by; none of a locked one. */
  readonly values: readonly BleValue[];
  readonly isLocked: boolean;
}

/** More than a house full of sensors and its neighbours'. */
const MOST_SIGHTINGS = 100;
/** Names come in scan responses, apart from the values; remembered for so many addresses. */
const MOST_NAMES = 500;
/** A device that was not heard for so long has gone. */
export const GONE_AFTER_MS = 600_000;

export interface Sightings {
  seen(sighting: Sighting): void;
  named(address: string, name: string): void;
  nameOf(address: string): string | null;
  forget(address: string): void;
  /** Heard within the last ten minutes, strongest first. */
  list(nowUtcMs: number): Sighting[];
  get(address: string): Sighting | undefined;
}

export function createSightings(): Sightings {
  const sightings = new Map<string, Sighting>();
  const names = new Map<string, string>();
  // A map keeps the order of insertion: what is set anew goes to its end, and the first one is the oldest.
  const renew = <T>(map: Map<string, T>, key: string, value: T, most: number): void => {
    map.delete(key);
    if (map.size >= most) map.delete(map.keys().next().value!);
    map.set(key, value);
  };
  return {
    seen: (sighting) => renew(sightings, sighting.address, sighting, MOST_SIGHTINGS),
    named: (address, name) => renew(names, address, name, MOST_NAMES),
    nameOf: (address) => names.get(address) ?? null,
    forget: (address) => void sightings.delete(address),
    list: (nowUtcMs) =>
      [...sightings.values()].filter(({ heardUtcMs }) => nowUtcMs - heardUtcMs < GONE_AFTER_MS).sort((a, b) => b.rssi - a.rssi),
    get: (address) => sightings.get(address),
  };
}
