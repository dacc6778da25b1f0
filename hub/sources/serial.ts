/**
 * A serial link kept for ever: opened when its port appears, opened again when it is gone, however often.
 */
import type { Command } from '../../firmware/protocol/messages.ts';
import type { Clock } from '../../firmware/protocol/time.ts';
import { type Line, LineError } from './line.ts';
import { type Link, type LinkEvents, runLink } from './link.ts';

/** Soon enough that a person who plugs a cable back sees it at once; a missing port costs one failed open each time. */
const REOPEN_MS = 500;
/** A port that refuses (no permission, another program) is tried less often: only a person mends that. */
const REFUSED_REOPEN_MS = 5000;

export type LinkState =
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting'; readonly reason: LineError['kind'] | 'ended'; readonly message: string };

export interface SerialLinkOptions {
  /** Name for people and logs; a path for a port. */
  readonly name: string;
  readonly open: () => Promise<Line>;
  readonly events: LinkEvents;
  /** Told on every change of the link, repeated reasons left out. */
  readonly onState: (state: LinkState) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface SerialLink {
  /** Sends a command. False when the link is down: the person is told instead of waiting. */
  command(channel: number, command: Command): boolean;
  /** Settles once the signal is aborted and the port is closed. */
  readonly done: Promise<void>;
}

export function keepSerialLink({ name, open, events, onState, clock, signal }: SerialLinkOptions): SerialLink {
  let link: Link | undefined;
  let last = '';
  const tell = (state: LinkState): void => {
    const text = JSON.stringify(state);
    if (text !== last) onState(state);
    last = text;
  };

  const once = async (): Promise<void> => {
    const line = await open();
    const close = (): void => void line.close();
    signal.addEventListener('abort', close, { once: true });
    try {
      if (signal.aborted) return;
      tell({ kind: 'open' });
      link = runLink(line, events, clock);
      await link.done;
      tell({ kind: 'waiting', reason: 'ended', message: `the cable of ${name} was unplugged: plug it in again` });
    } finally {
      link = undefined;
      signal.removeEventListener('abort', close);
      await line.close();
    }
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      let waitMs = REOPEN_MS;
      try {
        await once();
      } catch (error) {
        const kind = error instanceof LineError ? error.kind : 'other';
        if (kind !== 'absent') waitMs = REFUSED_REOPEN_MS;
        tell({ kind: 'waiting', reason: kind, message: error instanceof Error ? error.message : String(error) });
      }
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  };

  return {
    command(channel, command) {
      link?.command(channel, command);
      return link !== undefined;
    },
    done: run(),
  };
}
