import { systemClock } from './clock.ts';
import { openBoard } from './open-board.ts';
import { boardsOf, type RunOptions } from './run.ts';
import { tryChips } from './trials.ts';

/** Tries every chip of a rig file and says each; false when one is not well. Throws SettingsError or RunError. */
export async function testRig(options: Pick<RunOptions, 'rig' | 'boards' | 'virtual'>, say: (line: string) => void): Promise<boolean> {
  let isWell = true;
  for (const board of boardsOf(options)) {
    const opened = await openBoard(board, systemClock).catch((error: unknown) => {
      isWell = false;
      say(`${board.name}: FAULT: ${error instanceof Error ? error.message : error}`);
      return undefined;
    });
    if (opened === undefined) continue;
    try {
      for await (const trial of tryChips(opened, board.devices, systemClock)) {
        isWell &&= trial.isWell;
        say(`${trial.device}, ${trial.chip}: ${trial.isWell ? 'well' : 'FAULT'}: ${trial.words}`);
      }
    } finally {
      await opened.close();
    }
  }
  return isWell;
}
