import type Database from 'better-sqlite3-multiple-ciphers';

/** Devices of a vault by the small number that stands for them in its rows. */
export interface DeviceNumbers {
  /** Gives a number to a device that is new. */
  numberOf(device: string): number;
  /** Undefined for a device that this vault never met. */
  known(device: string): number | undefined;
  idOf(number: number): string;
  /** After a transaction that failed: a number that was rolled back must not be remembered. */
  forget(): void;
}

export function createDeviceNumbers(database: Database.Database): DeviceNumbers {
  const add = database.prepare('INSERT INTO device (id) VALUES (?)');
  const select = database.prepare<[], { number: number; id: string }>('SELECT number, id FROM device');
  const numbers = new Map<string, number>();
  const ids = new Map<number, string>();
  const load = (): void => {
    numbers.clear();
    ids.clear();
    for (const { number, id } of select.all()) {
      numbers.set(id, number);
      ids.set(number, id);
    }
  };
  load();
  return {
    numberOf(device) {
      const known = numbers.get(device);
      if (known !== undefined) return known;
      const number = Number(add.run(device).lastInsertRowid);
      numbers.set(device, number);
      ids.set(number, device);
      return number;
    },
    known: (device) => numbers.get(device),
    idOf: (number) => ids.get(number) ?? `device-${number}`,
    forget: load,
  };
}
