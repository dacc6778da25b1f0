/**
 * A device's end of the framed protocol: says who it is, sends readings until they are acknowledged, obeys commands. Several
 * devices share a line, one channel each. What earlier boots left on the disk goes out beside what is new, each under its own numbers.
 */
import type { StatedCalibration } from './protocol/calibration.ts';
import { createFrameDecoder, type DeviceClock, encodeFrame, type Frame, type FrameDecoder, MAX_SAMPLES_BYTES } from './protocol/frame.ts';
import type { Reading } from './protocol/measurement.ts';
import type { Command, DeviceStatus } from './protocol/messages.ts';
import { createOutbox, type Outbox } from './protocol/outbox.ts';
import { quantities } from './protocol/quantities.ts';
import { type RawSamples, splitSamples } from './protocol/samples.ts';
import type { Clock } from './protocol/time.ts';
import type { Spool } from './spool.ts';

export interface Identity {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly quantities: readonly string[];
  /** By which line it weighs now. */
  readonly calibration?: () => StatedCalibration | undefined;
}

export interface UplinkOptions {
  readonly firmware: string;
  readonly boot: number;
  readonly devices: readonly Identity[];
  readonly clock: Clock;
  /** Puts bytes on the line; what is lost is sent again. */
  readonly write: (bytes: Uint8Array) => void;
  readonly onCommand: (channel: number, command: Command) => void;
  /** The outbox on disk; without one a crash loses what waits. */
  readonly spool?: Spool | undefined;
  /** The disk refused: readings wait in memory alone. Told once for each trouble. */
  readonly onSpoolTrouble?: (message: string) => void;
}

export interface Uplink {
  measured(channel: number, readings: readonly Reading[]): void;
  live(channel: number, readings: readonly Reading[]): void;
  /** Raw samples: they go out while the hub asks for those of the channel, and are dropped otherwise. */
  samples(channel: number, samples: RawSamples): void;
  status(channel: number, status: DeviceStatus): void;
  /** Says again who is here, and by what they weigh. */
  introduce(): void;
  /** Bytes from the hub, over one of several lines. */
  receive(bytes: Uint8Array, line?: string): void;
  /** A line is new: say who is here and send everything that waits. */
  connected(line?: string): void;
  /** A line is over. */
  gone(line: string): void;
  /** Re-sends what is due; to be called several times a second. */
  tick(): void;
  readonly waiting: number;
}

const isSameStatus = (a: DeviceStatus, b: DeviceStatus): boolean =>
  a.state === b.state && a.message === b.message && a.plate === b.plate && isSamePosition(a.shutter, b.shutter);
const isSamePosition = (a: DeviceStatus['shutter'], b: DeviceStatus['shutter']): boolean =>
  a?.isOpen === b?.isOpen && a?.isLit === b?.isLit;

interface Channel {
  readonly identity: Identity;
  readonly outbox: Outbox;
  /** Of earlier boots, each with its own clock; gone once they are empty. */
  earlier: { readonly boot: number; readonly outbox: Outbox; readonly clock: () => DeviceClock }[];
  status: DeviceStatus;
}

/** The hub's clock is taken over when it differs by more: less is the line's own delay. */
const UTC_STEP_MS = 1000;
/** Name of the line that every device has. */
const WIRE = 'wire';

export function createUplink({ firmware, boot, devices, clock, write, onCommand, spool, onSpoolTrouble }: UplinkOptions): Uplink {
  const decoders = new Map<string, FrameDecoder>();
  let zeroUtcMs: number | null = null;
  let trouble = '';
  /** Channels whose raw samples the hub asked for. */
  const captured = new Set<number>();

  /** A disk that refuses costs safety, not measurements. */
  const onDisk = <T>(work: (spool: Spool) => T, otherwise: T): T => {
    if (spool === undefined) return otherwise;
    try {
      const done = work(spool);
      trouble = '';
      return done;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== trouble) onSpoolTrouble?.(message);
      trouble = message;
      return otherwise;
    }
  };

  const channels: Channel[] = devices.map((identity, channel) => ({
    identity,
    outbox: createOutbox({ boot, channel }),
    earlier: onDisk((disk) => disk.left(identity.id), []).map(({ boot: earlier, readings, clock: then }) => ({
      boot: earlier,
      clock: then,
      outbox: createOutbox({ boot: earlier, channel, left: readings }),
    })),
    status: { state: 'starting', message: '' },
  }));
  const send = (frame: Frame): void => write(encodeFrame(frame));
  const deviceClock = (): DeviceClock => ({ nowMs: clock.monotonic(), zeroUtcMs });

  const introduce = (): void => {
    channels.forEach(({ identity: { id: device, kind, name, quantities, calibration: now }, status }, channel) => {
      send({ type: 'hello', channel, boot, sequence: 0, hello: { device, kind, name, firmware, quantities } });
      const calibration = now?.();
      if (calibration !== undefined) send({ type: 'calibration', channel, boot, sequence: 0, calibration });
      send({ type: 'status', channel, boot, sequence: 0, status });
    });
  };
  const flush = (): void => {
    const nowMs = clock.monotonic();
    for (const { outbox, earlier } of channels) {
      for (const old of earlier) for (const frame of old.outbox.due(nowMs, old.clock())) send(frame);
      for (const frame of outbox.due(nowMs, deviceClock())) send(frame);
    }
  };
  const wire = (readings: readonly Reading[]) =>
    readings.map(({ quantity, value, at, spanMs }) => ({ code: quantities[quantity].code, value, at: at as number, spanMs }));
  const acknowledged = (channel: Channel | undefined, frame: Extract<Frame, { type: 'ack' }>): void => {
    if (channel === undefined) return;
    for (const outbox of [channel.outbox, ...channel.earlier.map((old) => old.outbox)]) {
      const count = outbox.acknowledge(frame.boot, frame.sequence);
      if (count > 0) onDisk((disk) => disk.forget(channel.identity.id, frame.boot, frame.sequence, count), undefined);
    }
    channel.earlier = channel.earlier.filter(({ outbox }) => outbox.waiting > 0);
  };
  /** A device without a clock of its own learns the time from the hub, for readings that it may have to keep over a restart. */
  const learnTime = (utcMs: number | null): void => {
    if (utcMs === null) return;
    const zero = utcMs - clock.monotonic();
    if (zeroUtcMs !== null && Math.abs(zero - zeroUtcMs) < UTC_STEP_MS) return;
    zeroUtcMs = zero;
    onDisk((disk) => disk.noteUtc(zero), undefined);
  };

  return {
    measured(channel, readings) {
      const own = channels[channel];
      if (own === undefined) return;
      const numbered = wire(readings);
      onDisk((disk) => disk.keep(own.identity.id, boot, own.outbox.nextSequence, numbered), undefined);
      own.outbox.offer(numbered);
      flush();
    },
    live(channel, readings) {
      send({ type: 'live', channel, boot, sequence: 0, clock: deviceClock(), readings: wire(readings) });
    },
    samples(channel, samples) {
      if (!captured.has(channel)) return;
      for (const part of splitSamples(samples, MAX_SAMPLES_BYTES))
        send({ type: 'samples', channel, boot, sequence: 0, clock: deviceClock(), samples: part });
    },
    status(channel, status) {
      const own = channels[channel];
      if (own === undefined || isSameStatus(own.status, status)) return;
      own.status = status;
      send({ type: 'status', channel, boot, sequence: 0, status });
    },
    introduce,
    receive(bytes, line = WIRE) {
      const decoder = decoders.get(line) ?? createFrameDecoder();
      decoders.set(line, decoder);
      for (const decoded of decoder.push(bytes)) {
        if (decoded.kind === 'fault') continue;
        const { frame } = decoded;
        if (frame.type === 'ack') {
          learnTime(frame.utcMs);
          acknowledged(channels[frame.channel], frame);
          flush();
        } else if (frame.type === 'command') {
          if (frame.command.name === 'identify') introduce();
          else if (frame.command.name === 'capture') {
            if (frame.command.isOn) captured.add(frame.channel);
            else captured.delete(frame.channel);
          } else onCommand(frame.channel, frame.command);
        }
      }
    },
    connected(line = WIRE) {
      decoders.delete(line);
      // Who is at the other end now has not asked for anything yet; who asked over another line is still there.
      if (line === WIRE) captured.clear();
      for (const { outbox, earlier } of channels) {
        outbox.reset();
        for (const old of earlier) old.outbox.reset();
      }
      introduce();
      flush();
    },
    gone: (line) => void decoders.delete(line),
    tick: flush,
    get waiting() {
      return channels.reduce(
        (sum, { outbox, earlier }) => sum + outbox.waiting + earlier.reduce((total, old) => total + old.outbox.waiting, 0),
        0,
      );
    },
  };
}
