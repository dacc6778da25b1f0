/**
 * The hub's side of the framed protocol on one line: frames in, measurements out, acknowledgements back once they are on
 * disk. Knows nothing of ports and of storage: both are given.
 */
import type { StatedCalibration } from '../../firmware/protocol/calibration.ts';
import type { Frame, FrameFault } from '../../firmware/protocol/frame.ts';
import { createFrameDecoder, encodeFrame } from '../../firmware/protocol/frame.ts';
import type { Command, DeviceStatus, Hello } from '../../firmware/protocol/messages.ts';
import type { RawSamples } from '../../firmware/protocol/samples.ts';
import type { Clock } from '../../firmware/protocol/time.ts';
import { type ClockWitness, type DatedReading, dateReadings, noWitness, witnessed } from './dating.ts';
import type { Line } from './line.ts';

/** What a link tells the house. Errors thrown by `commit` leave the frame unacknowledged: the device sends it again. */
export interface LinkEvents {
  hello(channel: number, hello: Hello): void;
  /** Resolves once the readings are on disk. */
  commit(device: string, boot: number, readings: readonly DatedReading[]): Promise<void>;
  live(device: string, readings: readonly DatedReading[]): void;
  /** Raw samples that were asked for; the first one was taken at `startUtcMs`. */
  samples?(device: string, boot: number, samples: RawSamples, startUtcMs: number): void;
  status(device: string, status: DeviceStatus): void;
  /** By what it weighs now. */
  calibration?(device: string, calibration: StatedCalibration): void;
  /** Bytes that were no frame: counted, for the device's page. */
  fault(fault: FrameFault): void;
  /** A commit failed; the readings stay with the device. */
  refused(device: string, error: unknown): void;
}

/** A device must have introduced itself before its readings are taken; it is asked at most this often. */
const IDENTIFY_EVERY_MS = 1000;
/** Frames whose commit is under way: those of several devices that wait for a flush of their trickle. More: the disk is slower than the line, and reading waits. */
const MOST_COMMITS = 128;

export interface Link {
  /** Sends a command to the device on a channel. */
  command(channel: number, command: Command): void;
  /** Runs until the line ends or is closed. */
  readonly done: Promise<void>;
}

export function runLink(line: Line, events: LinkEvents, clock: Clock & { readonly isKnown?: boolean }): Link {
  const decoder = createFrameDecoder();
  const devices = new Map<number, string>();
  const commits = new Set<Promise<void>>();
  const witnesses = new Map<string, ClockWitness>();
  let askedAtMs = Number.NEGATIVE_INFINITY;

  const send = (frame: Frame): void => line.write(encodeFrame(frame));
  const command = (channel: number, command: Command): void => send({ type: 'command', channel, boot: 0, sequence: 0, command });
  const askWho = (channel: number): void => {
    const nowMs = clock.monotonic();
    if (nowMs - askedAtMs < IDENTIFY_EVERY_MS) return;
    askedAtMs = nowMs;
    command(channel, { name: 'identify' });
  };

  const keep = async (device: string, frame: Extract<Frame, { type: 'readings' }>): Promise<void> => {
    const nowMs = clock.utc();
    const isKnown = clock.isKnown !== false;
    const witness = witnessed(witnesses.get(device) ?? noWitness, frame.clock, nowMs);
    // What a clock that is not set yet sees of another says nothing.
    if (isKnown) witnesses.set(device, witness);
    try {
      await events.commit(device, frame.boot, dateReadings(frame, nowMs, { leadMs: witness.leadMs, isKnown }));
      const utcMs = isKnown ? clock.utc() : null;
      send({ type: 'ack', channel: frame.channel, boot: frame.boot, sequence: frame.sequence, utcMs });
    } catch (error) {
      events.refused(device, error);
    }
  };

  const take = (frame: Frame): void => {
    if (frame.type === 'ack' || frame.type === 'command') return;
    if (frame.type === 'hello') {
      devices.set(frame.channel, frame.hello.device);
      events.hello(frame.channel, frame.hello);
      return;
    }
    const device = devices.get(frame.channel);
    if (device === undefined) {
      askWho(frame.channel);
    } else if (frame.type === 'readings') {
      const commit = keep(device, frame).finally(() => commits.delete(commit));
      commits.add(commit);
    } else if (frame.type === 'live') {
      events.live(device, dateReadings(frame, clock.utc()));
    } else if (frame.type === 'samples') {
      const first = { code: 0, value: 0, at: frame.samples.firstAt, spanMs: 0 };
      const [dated] = dateReadings({ sequence: 0, clock: frame.clock, readings: [first] }, clock.utc());
      events.samples?.(device, frame.boot, frame.samples, dated!.endUtcMs);
    } else if (frame.type === 'calibration') {
      events.calibration?.(device, frame.calibration);
    } else {
      events.status(device, frame.status);
    }
  };

  const run = async (): Promise<void> => {
    command(0, { name: 'identify' });
    for await (const chunk of line.incoming) {
      for (const decoded of decoder.push(chunk)) {
        if (decoded.kind === 'frame') take(decoded.frame);
        else events.fault(decoded.fault);
      }
      while (commits.size >= MOST_COMMITS) await Promise.race(commits);
    }
    await Promise.all(commits);
  };
  return { command, done: run() };
}
