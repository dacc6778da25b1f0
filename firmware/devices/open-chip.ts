import type { Board } from '../buses/board.ts';
import { BusError } from '../buses/bus.ts';
import type { Surroundings, Wiring } from '../chips/registry.ts';
import type { Chosen } from '../rig.ts';

export interface OpenChip<Chip> {
  readonly chip: Chip;
  /** Lets go of its serial line; the chip may be opened again. */
  close(): Promise<void>;
}

/** What went wrong on the way to a chip, with the chip's name: a bus knows only addresses and ports. */
export const named = (chip: string, error: unknown): unknown =>
  error instanceof BusError ? new BusError(error.kind, `${chip}: ${error.message}`) : error;

/** Opens a chip of the rig file where it hangs. Rejects with BusError or ChipError. */
export const openChip = <Chip>(...place: Parameters<typeof openThere<Chip>>): Promise<OpenChip<Chip>> =>
  openThere(...place).catch((error: unknown) => {
    throw named(place[1].chip, error);
  });

async function openThere<Chip>(row: Wiring<Chip>, chosen: Chosen<string>, board: Board, around: Surroundings): Promise<OpenChip<Chip>> {
  if (row.bus === 'i2c') return { chip: await row.open(board.i2c(chosen.i2c), chosen, around), close: async () => undefined };
  if (chosen.uart === undefined) {
    if (row.bus === 'uart') throw new BusError('refused', `${chosen.chip} needs a serial port: name it in the rig file (uart: /dev/…)`);
    return { chip: await row.open(board.lines(), chosen, around), close: async () => undefined };
  }
  const line = await board.uart({ path: chosen.uart, baudRate: chosen.baudRate ?? row.baudRate });
  try {
    return { chip: await row.open(line, chosen, around), close: line.close };
  } catch (error) {
    await line.close();
    throw error;
  }
}
