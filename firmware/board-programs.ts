/** Runs the device programs of one board for ever: opens the board, starts them, and starts again after every failure. */
import type { FirmataBoard } from './buses/firmata.ts';
import type { DeviceProgram } from './devices/device.ts';
import type { Clock } from './protocol/time.ts';
import type { Uplink } from './uplink.ts';

const FIRST_RETRY_MS = 500;
/** A person who mends a wire looks at the page; ten seconds is as long as they wait. */
const LONGEST_RETRY_MS = 10_000;

export async function runBoard(options: {
  readonly open: () => Promise<FirmataBoard>;
  readonly programs: readonly DeviceProgram[];
  readonly uplink: Uplink;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { open, programs, uplink, clock, signal } = options;
  const fault = (channel: number, error: unknown): void =>
    uplink.status(channel, { state: 'fault', message: (error instanceof Error ? error.message : String(error)).slice(0, 400) });

  /** One program on an open board, started again until the board is gone. */
  const keepRunning = async (program: DeviceProgram, channel: number, board: FirmataBoard, boardSignal: AbortSignal): Promise<void> => {
    let waitMs = FIRST_RETRY_MS;
    while (!boardSignal.aborted) {
      try {
        await program.run({
          bus: board.bus,
          clock,
          signal: boardSignal,
          measured: (readings) => uplink.measured(channel, readings),
          live: (readings) => uplink.live(channel, readings),
          status: (status) => {
            if (status.state === 'running') waitMs = FIRST_RETRY_MS;
            uplink.status(channel, status);
          },
        });
      } catch (error) {
        if (boardSignal.aborted) return;
        fault(channel, error);
      }
      await clock.sleep(waitMs, boardSignal).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS);
    }
  };

  let waitMs = FIRST_RETRY_MS;
  while (!signal.aborted) {
    try {
      const board = await open();
      waitMs = FIRST_RETRY_MS;
      const over = new AbortController();
      const boardSignal = AbortSignal.any([signal, over.signal]);
      const ended = board.gone.then((error) => {
        over.abort();
        for (const channel of programs.keys()) fault(channel, error);
      });
      const running = Promise.all(programs.map((program, channel) => keepRunning(program, channel, board, boardSignal)));
      await Promise.race([ended, running]);
      over.abort();
      await running;
      await board.close();
    } catch (error) {
      for (const channel of programs.keys()) fault(channel, error);
    }
    await clock.sleep(waitMs, signal).catch(() => undefined);
    waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS);
  }
}
