/** The radio program as the hub keeps it: started, listened to, and mended when it goes deaf. */
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import type { Clock } from '../../../../firmware/protocol/time.ts';
import { supervise } from '../../../ops/supervise.ts';
import { type RadioHealth, type RadioHealthEvent, startOfHealth, stepHealth } from './health.ts';
import { type HeardAdvert, type RadioAsked, type RadioSaid, saidIn } from './lines.ts';

const TICK_MS = 1000;

export type LinkSaid = Extract<RadioSaid, { link: number }>;

export interface RadioProgram {
  health(): RadioHealth;
  /** False while the program is not there: what was asked is lost then. */
  ask(asked: RadioAsked): boolean;
  readonly done: Promise<void>;
}

export interface RadioProgramOptions {
  readonly root: string;
  /** Device file of a controller that speaks HCI over UART, an adapter of the machine (`hci1`), or empty: the one that noble finds. */
  readonly controller: string;
  readonly isPassive: boolean;
  readonly onAdvert: (advert: HeardAdvert) => void;
  /** What concerns a link; every link has ended when the program has. */
  readonly onLink: (said: LinkSaid) => void;
  /** The program ended; its links are over. */
  readonly onEnd: () => void;
  readonly onHealth: (health: RadioHealth) => void;
  readonly log: (text: string) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function startRadioProgram(options: RadioProgramOptions): RadioProgram {
  const { root, controller, isPassive, onAdvert, onLink, onEnd, onHealth, log, clock, signal } = options;
  let health = startOfHealth(clock.monotonic());
  let stdin: Writable | undefined;

  const ask = (asked: RadioAsked): boolean => {
    if (stdin?.writable !== true) return false;
    stdin.write(`${JSON.stringify(asked)}\n`);
    return true;
  };
  const step = (event: RadioHealthEvent): void => {
    const before = health;
    const [next, remedy] = stepHealth(health, event);
    health = next;
    if (remedy !== undefined) {
      log(`the Bluetooth radio has heard nothing for a while: ${remedy}`);
      if (remedy === 'restart') supervised.restart();
      else ask({ ask: remedy });
    }
    if (next.kind !== before.kind || next.adapter !== before.adapter || next.rung !== before.rung) onHealth(next);
  };
  const take = (said: RadioSaid): void => {
    if (said.say === 'advert') {
      step({ kind: 'heard', atMs: clock.monotonic() });
      onAdvert(said);
    } else if (said.say === 'adapter') step({ kind: 'adapter', state: said.state, message: said.message, atMs: clock.monotonic() });
    else onLink(said);
  };
  const supervised = supervise(
    {
      name: 'radio',
      command: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', `${root}hub/sources/ble/radio/main.ts`],
      env: { HEARTH_HCI: controller, HEARTH_BLE_PASSIVE: isPassive ? '1' : '' },
    },
    {
      onStart(streams) {
        // Whatever was linked through an earlier one is over.
        onEnd();
        stdin = streams.stdin;
        createInterface({ input: streams.stdout }).on('line', (line) => {
          const said = saidIn(line);
          if (said !== undefined) take(said);
        });
      },
      onEnd({ reason, waitMs }) {
        log(`the radio program ended (${reason}); it starts again in ${waitMs / 1000} s`);
        stdin = undefined;
      },
    },
    clock,
    signal,
  );
  const ticking = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(TICK_MS, signal).catch(() => undefined);
      step({ kind: 'tick', atMs: clock.monotonic() });
    }
  };
  const ticks = ticking();
  return { health: () => health, ask, done: Promise.all([supervised.done, ticks]).then(() => undefined) };
}
