/**
 * A device's end of the framed protocol: says who it is, sends readings until they are acknowledged, obeys commands. Several
 * devices share a line, one channel each.
 */
import { type Command, createFrameDecoder, type DeviceStatus, encodeFrame, type Frame } from './protocol/frame.ts';
import type { Reading } from './protocol/measurement.ts';
import { createOutbox, type Outbox } from './protocol/outbox.ts';
import { quantities } from './protocol/quantities.ts';
import type { Clock } from './protocol/time.ts';

export interface Identity {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly quantities: readonly string[];
}

export interface UplinkOptions {
  readonly firmware: string;
  readonly boot: number;
  readonly devices: readonly Identity[];
  readonly clock: Clock;
  /** Puts bytes on the line; what is lost is sent again. */
  readonly write: (bytes: Uint8Array) => void;
  readonly onCommand: (channel: number, command: Command) => void;
}

export interface Uplink {
  measured(channel: number, readings: readonly Reading[]): void;
  live(channel: number, readings: readonly Reading[]): void;
  status(channel: number, status: DeviceStatus): void;
  /** Bytes from the hub. */
  receive(bytes: Uint8Array): void;
  /** The line is new: say who is here and send everything that waits. */
  connected(): void;
  /** Re-sends what is due; to be called several times a second. */
  tick(): void;
  readonly waiting: number;
}

interface Channel {
  readonly identity: Identity;
  readonly outbox: Outbox;
  status: DeviceStatus;
}

export function createUplink({ firmware, boot, devices, clock, write, onCommand }: UplinkOptions): Uplink {
  const decoder = createFrameDecoder();
  const channels: Channel[] = devices.map((identity, channel) => ({
    identity,
    outbox: createOutbox({ boot, channel }),
    status: { state: 'starting', message: '' },
  }));
  const send = (frame: Frame): void => write(encodeFrame(frame));
  const deviceClock = () => ({ nowMs: clock.monotonic() as number, zeroUtcMs: null });

  const introduce = (): void => {
    channels.forEach(({ identity: { id: device, kind, name, quantities }, status }, channel) => {
      send({ type: 'hello', channel, boot, sequence: 0, hello: { device, kind, name, firmware, quantities } });
      send({ type: 'status', channel, boot, sequence: 0, status });
    });
  };
  const flush = (): void => {
    for (const { outbox } of channels) for (const frame of outbox.due(clock.monotonic(), deviceClock())) send(frame);
  };
  const wire = (readings: readonly Reading[]) =>
    readings.map(({ quantity, value, at, spanMs }) => ({ code: quantities[quantity].code, value, at: at as number, spanMs }));

  return {
    measured(channel, readings) {
      channels[channel]?.outbox.offer(wire(readings));
      flush();
    },
    live(channel, readings) {
      send({ type: 'live', channel, boot, sequence: 0, clock: deviceClock(), readings: wire(readings) });
    },
    status(channel, status) {
      const own = channels[channel];
      if (own === undefined || (own.status.state === status.state && own.status.message === status.message)) return;
      own.status = status;
      send({ type: 'status', channel, boot, sequence: 0, status });
    },
    receive(bytes) {
      for (const decoded of decoder.push(bytes)) {
        if (decoded.kind === 'fault') continue;
        const { frame } = decoded;
        if (frame.type === 'ack') {
          channels[frame.channel]?.outbox.acknowledge(frame.boot, frame.sequence);
          flush();
        } else if (frame.type === 'command') {
          if (frame.command.name === 'identify') introduce();
          else onCommand(frame.channel, frame.command);
        }
      }
    },
    connected() {
      for (const { outbox } of channels) outbox.reset();
      introduce();
      flush();
    },
    tick: flush,
    get waiting() {
      return channels.reduce((sum, { outbox }) => sum + outbox.waiting, 0);
    },
  };
}
