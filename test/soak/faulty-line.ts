/** A serial line in memory between a board and a hub, that loses, spoils and cuts what it carries. */
import type { Random } from '../../hardware/virtual/random.ts';
import type { Line } from '../../hub/sources/line.ts';

export interface FaultyLine {
  /** The hub's end; anew for each hub that opens it. */
  openHubEnd(): Line;
  toHub(bytes: Uint8Array): void;
  /** Pulls the cable: the hub's end is over. */
  cut(): void;
  readonly isOpen: boolean;
  readonly faults: Record<string, number>;
}

/** Of pieces written: a long cable beside a motor. */
const LOST = 0.02;
const SPOILED = 0.02;

export function createFaultyLine(random: Random, toDevice: (bytes: Uint8Array) => void): FaultyLine {
  const faults: Record<string, number> = {};
  let end: { push(bytes: Uint8Array): void; end(): void } | undefined;
  const carried = (bytes: Uint8Array): Uint8Array | undefined => {
    const fault = random.uniform();
    if (fault < LOST) {
      faults['piece lost'] = (faults['piece lost'] ?? 0) + 1;
      return undefined;
    }
    if (fault > LOST + SPOILED) return bytes;
    faults['bit flipped'] = (faults['bit flipped'] ?? 0) + 1;
    const spoiled = Uint8Array.from(bytes);
    const at = Math.floor(random.uniform() * spoiled.length);
    spoiled[at]! ^= 1 << Math.floor(random.uniform() * 8);
    return spoiled;
  };
  return {
    openHubEnd() {
      const queue: Uint8Array[] = [];
      let isOver = false;
      let wake: () => void = () => undefined;
      const own = {
        push(bytes: Uint8Array) {
          queue.push(bytes);
          wake();
        },
        end() {
          isOver = true;
          wake();
        },
      };
      end = own;
      async function* incoming(): AsyncGenerator<Uint8Array> {
        for (;;) {
          const next = queue.shift();
          if (next !== undefined) yield next;
          else if (isOver) return;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      }
      return {
        incoming: incoming(),
        write(bytes) {
          if (end !== own || isOver) return;
          const through = carried(bytes);
          if (through !== undefined) toDevice(through);
        },
        async close() {
          own.end();
        },
      };
    },
    toHub(bytes) {
      const through = end === undefined ? undefined : carried(bytes);
      if (through !== undefined) end?.push(through);
    },
    cut() {
      end?.end();
      end = undefined;
    },
    get isOpen() {
      return end !== undefined;
    },
    faults,
  };
}
