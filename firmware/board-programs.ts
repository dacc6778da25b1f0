/** Runs the device programs of one board for ever: opens the board, starts them, and starts again after every failure. */
import type { Board } from './buses/board.ts';
import type { DeviceProgram } from './devices/device.ts';
import type { Clock } from './protocol/time.ts';
import type { Uplink } from './uplink.ts';

const FIRST_RETRY_MS = 500;
/** A person who mends a wire looks at the page; ten seconds is as long as they wait. */
const LONGEST_RETRY_MS = 10_000;

/** A program and the channel of the line on which it speaks. */
export interface ChannelProgram {
  readonly channel: number;
  readonly program: DeviceProgram;
}

export async function runBoard(options: {
  readonly open: () => Promise<Board>;
  readonly programs: readonly ChannelProgram[];
  readonly uplink: Uplink;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { open, programs, uplink, clock, signal } = options;
  const fault = (channel: number, error: unknown): void =>
    uplink.status(channel, { state: 'fault', message: (error instanceof Error ? error.message : String(error)).slice(0, 400) });
  const faultEverywhere = (error: unknown): void => {
    for (const { channel } of programs) fault(channel, error);
  };

  /** One program on an open board, started again until the board is gone. */
  const keepRunning = async ({ program, channel }: ChannelProgram, board: Board, boardSignal: AbortSignal): Promise<void> => {
    let waitMs = FIRST_RETRY_MS;
    while (!boardSignal.aborted) {
      try {
        await program.run({
          board,
          clock,
          signal: boardSignal,
          measured: (readings) => uplink.measured(channel, readings),
          live: (readings) => uplink.live(channel, readings),
          samples: (samples) => uplink.samples(channel, samples),
          status: (status) => {
            if (status.state === 'running') waitMs = FIRST_RETRY_MS;
            // What a program says when its board has gone is not why.
            if (!boardSignal.aborted) uplink.status(channel, { ...status, message: status.message.slice(0, 400) });
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
        // Closed by us at the end, it was not pulled.
        if (boardSignal.aborted) return;
        over.abort();
        faultEverywhere(error);
      });
      const running = Promise.all(programs.map((one) => keepRunning(one, board, boardSignal)));
      await Promise.race([ended, running]);
      over.abort();
      await running;
      await board.close();
    } catch (error) {
      faultEverywhere(error);
    }
    await clock.sleep(waitMs, signal).catch(() => undefined);
    waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS);
  }
}
