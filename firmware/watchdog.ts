/**
 * Lets systemd restart a program that hangs: it says when it is up, then gives a sign of life so often that a loop that no longer turns is
 * noticed. The time is asked for at run time (WATCHDOG_USEC=, sd_notify(3)), so that a start that takes long, as the first one with its
 * installation, is not mistaken for a hang. Without systemd nothing happens.
 */

import type { SendNotice } from './notify-socket.ts';
import type { Clock } from './protocol/time.ts';

/** Longer than any pause of a small machine whose card is slow. */
export const HANGS_AFTER_MS = 90_000;

export interface WatchdogOptions {
  readonly send: SendNotice;
  readonly clock: Clock;
  readonly failed: (message: string) => void;
  readonly signal: AbortSignal;
}

/** Says that the program is up and lives, until the signal; then that it stops. Never rejects. */
export async function keepWatchdog({ send, clock, failed, signal }: WatchdogOptions): Promise<void> {
  try {
    send(`READY=1\nWATCHDOG_USEC=${HANGS_AFTER_MS * 1000}`);
    while (!signal.aborted) {
      send('WATCHDOG=1');
      await clock.sleep(HANGS_AFTER_MS / 3, signal).catch(() => undefined);
    }
    send('STOPPING=1');
  } catch (error) {
    failed(`systemd does not watch over this program: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * The same for a program that systemd may have started, by its environment. The name is taken out of it: programs that this one starts must not
 * speak for it.
 */
export async function watchedBySystemd(env: NodeJS.ProcessEnv, options: Omit<WatchdogOptions, 'send'>): Promise<void> {
  const path = env.NOTIFY_SOCKET;
  delete env.NOTIFY_SOCKET;
  if (path === undefined || path === '') return;
  try {
    const { openNotifySocket } = await import('./notify-socket.ts');
    await keepWatchdog({ ...options, send: openNotifySocket(path) });
  } catch (error) {
    options.failed(`systemd does not watch over this program: ${error instanceof Error ? error.message : error}`);
  }
}
