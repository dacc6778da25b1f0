/** The medium: what one radio sends, the others in range hear, with the faults that air has. */
import type { Random } from '../random.ts';
import { ADVERT, addressBytes } from './hci.ts';

export interface AirAdvert {
  readonly type: number;
  /** 0: public, 1: random. */
  readonly addressType: number;
  /** Six bytes, the last first. */
  readonly address: Uint8Array;
  readonly data: Uint8Array;
  /** dBm at the hearer. */
  readonly rssi: number;
}

/** A radio on the air. */
export interface Listener {
  hear(advert: AirAdvert, scanResponse: Uint8Array | undefined): void;
}

export interface Beacon {
  readonly address: string;
  readonly isRandom?: boolean;
  readonly intervalMs: number;
  readonly rssi?: number;
  /** Made anew for each broadcast. */
  readonly data: () => Uint8Array;
}

export interface Air extends Disposable {
  join(listener: Listener): void;
  leave(listener: Listener): void;
  send(advert: AirAdvert, scanResponse: Uint8Array | undefined, from: Listener | undefined): void;
  /** A device that only broadcasts. Returns its switch-off. */
  beacon(beacon: Beacon): () => void;
  /** Something that happens again and again, until the air is disposed of. */
  every(intervalMs: number, happen: () => void): void;
  /** This part of what is sent is heard by nobody, 0 to 1. */
  lose(part: number): void;
}

export function createAir(random: Random): Air {
  const listeners = new Set<Listener>();
  const timers = new Set<NodeJS.Timeout>();
  let lost = 0;
  const send: Air['send'] = (advert, scanResponse, from) => {
    for (const listener of listeners) if (listener !== from && !(lost > 0 && random.uniform() < lost)) listener.hear(advert, scanResponse);
  };
  return {
    join: (listener) => void listeners.add(listener),
    leave: (listener) => void listeners.delete(listener),
    send,
    beacon({ address, isRandom = false, intervalMs, rssi = -60, data }) {
      const bytes = addressBytes(address);
      const once = (): void =>
        send({ type: ADVERT.broadcast, addressType: isRandom ? 1 : 0, address: bytes, data: data(), rssi }, undefined, undefined);
      const timer = setInterval(once, intervalMs);
      timers.add(timer);
      return () => {
        clearInterval(timer);
        timers.delete(timer);
      };
    },
    every: (intervalMs, happen) => void timers.add(setInterval(happen, intervalMs)),
    lose(part) {
      lost = part;
    },
    [Symbol.dispose]() {
      for (const timer of timers) clearInterval(timer);
      timers.clear();
      listeners.clear();
    },
  };
}
