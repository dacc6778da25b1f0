import { type Board, openPiBoard } from './buses/board.ts';
import { openFirmataBoard } from './buses/firmata.ts';
import type { Clock } from './protocol/time.ts';
import type { RigBoard } from './rig.ts';

/** The Pi's I2C that its pins 3 and 5 are. */
const DEFAULT_I2C = 1;

/** Opens a board of a rig file. Rejects with BusError. */
export const openBoard = (board: RigBoard, clock: Clock): Promise<Board> =>
  board.protocol === 'pi' ? openPiBoard(clock, board.i2c ?? DEFAULT_I2C) : openFirmataBoard(board.port, clock);
