/** Hearth's own devices over the air: the framed protocol in both directions, as over a cable, for as long as the link holds. */
import { PassThrough } from 'node:stream';
import type { Command } from '../../../firmware/protocol/messages.ts';
import type { Clock } from '../../../firmware/protocol/time.ts';
import { type Link, type LinkEvents, runLink } from '../link.ts';
import type { LinkState } from '../serial.ts';

export interface DeviceLinesOptions {
  /** Events of one line by its name. */
  readonly events: (name: string) => LinkEvents;
  readonly onState: (name: string, state: LinkState) => void;
  readonly log: (text: string) => void;
  readonly clock: Clock & { readonly isKnown?: boolean };
}

/** The hub's end of one line. */
export interface OpenLine {
  push(bytes: Uint8Array): void;
  end(reason: string): void;
}

export interface DeviceLines {
  open(name: string, write: (bytes: Uint8Array) => void): OpenLine;
  /** False when the line is unknown or down. */
  command(name: string, channel: number, command: Command): boolean;
}

export function createDeviceLines({ events, onState, log, clock }: DeviceLinesOptions): DeviceLines {
  const links = new Map<string, Link>();
  return {
    open(name, write) {
      const incoming = new PassThrough();
      const line = {
        incoming,
        write,
        async close() {
          incoming.end();
        },
      };
      onState(name, { kind: 'open' });
      const link = runLink(line, events(name), clock);
      links.set(name, link);
      link.done.catch((error: unknown) => log(`${name}: ${error instanceof Error ? error.message : error}`));
      return {
        push: (bytes) => void incoming.write(bytes),
        end(reason) {
          incoming.end();
          if (links.get(name) !== link) return;
          links.delete(name);
          onState(name, { kind: 'waiting', reason: 'ended', message: `out of reach over Bluetooth: ${reason}` });
        },
      };
    },
    command(name, channel, command) {
      links.get(name)?.command(channel, command);
      return links.has(name);
    },
  };
}
