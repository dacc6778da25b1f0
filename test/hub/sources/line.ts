import { createFrameDecoder, encodeFrame, type Frame } from '../../../firmware/protocol/frame.ts';
import type { Line } from '../../../hub/sources/line.ts';

/** The device's end of a line held in memory. */
export interface TestLine extends Line {
  /** Sends bytes of frames to the hub. */
  send(...frames: Frame[]): void;
  sendBytes(bytes: Uint8Array): void;
  /** Frames the hub wrote, in order. */
  readonly received: Frame[];
  /** Pulls the cable. */
  unplug(): void;
}

export function createTestLine(): TestLine {
  const queue: Uint8Array[] = [];
  const received: Frame[] = [];
  const decoder = createFrameDecoder();
  let ended = false;
  let wake: () => void = () => undefined;

  const sendBytes = (bytes: Uint8Array): void => {
    queue.push(bytes);
    wake();
  };
  const unplug = (): void => {
    ended = true;
    wake();
  };
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = queue.shift();
      if (next !== undefined) yield next;
      else if (ended) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return {
    incoming: bytes(),
    write: (wire) => {
      for (const decoded of decoder.push(wire)) if (decoded.kind === 'frame') received.push(decoded.frame);
    },
    async close() {
      unplug();
    },
    send(...frames) {
      for (const frame of frames) sendBytes(encodeFrame(frame));
    },
    sendBytes,
    received,
    unplug,
  };
}

/** Lets what was sent be read and committed. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
