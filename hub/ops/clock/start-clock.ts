import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Clock } from '../../../firmware/protocol/time.ts';
import { type HubClock, openHubClock, type Redating } from './hub-clock.ts';
import { timeStateOf } from './time-state.ts';

/** Until time is known: soon enough that a person who waits sees it. */
const ASK_UNKNOWN_MS = 5000;
/** Afterwards: to notice steps and a moved home. */
const ASK_KNOWN_MS = 60_000;
/** How exactly a power cut is dated, against how often the card is written. */
const SAVE_EVERY_MS = 300_000;
const ANSWER_WITHIN_MS = 3000;

export interface ClockOptions {
  readonly data: string;
  /** IANA name of the home's zone. */
  readonly zone: string;
  readonly clock: Clock;
  readonly onKnown: (redatings: readonly Redating[]) => Promise<void>;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Opens the hub's clock on this machine and keeps asking timedatectl and chronyc, whichever are there. */
export async function startHubClock({ data, zone, clock, onKnown, say, signal }: ClockOptions): Promise<HubClock> {
  const hubClock = await openHubClock({
    file: `${data}/clock.json`,
    clock,
    zone,
    kernelBoot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    sinceKernelBoot: () => uptime() * 1000,
    async probe(systemMs, lastKnownMs) {
      const [timedatectl, chrony] = await Promise.all([answerOf('timedatectl', ['show']), answerOf('chronyc', ['-c', 'tracking'])]);
      return timeStateOf(timedatectl, chrony, systemMs, lastKnownMs);
    },
    onKnown,
    onChange: (change) =>
      say(
        change.kind === 'step'
          ? `The clock of this machine was set by ${Math.round(change.byMs)} ms.`
          : `The clock of this machine runs ${Math.round(change.ppm)} ppm off.`,
      ),
  });
  const keep = async (): Promise<void> => {
    let savedMs = clock.monotonic();
    while (!signal.aborted) {
      await clock.sleep(hubClock.isKnown ? ASK_KNOWN_MS : ASK_UNKNOWN_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await hubClock.check();
        if (clock.monotonic() - savedMs < SAVE_EVERY_MS) continue;
        savedMs = clock.monotonic();
        hubClock.save();
      } catch (error) {
        say(`the time could not be written down: ${error instanceof Error ? error.message : error}`);
      }
    }
  };
  void keep();
  return hubClock;
}

/** What a program says; undefined when it is not there or does not answer. */
function answerOf(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: ANSWER_WITHIN_MS, env: { ...process.env, LC_ALL: 'C' } }, (error, stdout) =>
      resolve(error === null ? stdout : undefined),
    );
  });
}
