/** A chip or an instrument at the other end of a serial line, at the level of bytes. */
export interface UartTwin {
  receive(bytes: Uint8Array): void;
  /** Sends what is due by itself; called at least every few milliseconds. */
  tick(): void;
}

export interface UartTwinOptions {
  readonly send: (bytes: Uint8Array) => void;
  readonly nowMs: () => number;
}

/** Something that is done every so often. */
export function every(periodMs: number, nowMs: () => number, act: () => void): () => void {
  let dueMs = nowMs() + periodMs;
  return () => {
    if (nowMs() < dueMs) return;
    // Late by several periods, as after a sleep: once, not for each that was missed.
    dueMs = Math.max(dueMs + periodMs, nowMs());
    act();
  };
}

/** Cuts commands out of a stream: `lengthOf` gives the length of the command that begins here, 0 for none, undefined for more bytes. */
export function commandReader(lengthOf: (bytes: Uint8Array) => number | undefined, obey: (command: Uint8Array) => void) {
  let waiting: Uint8Array = new Uint8Array(0);
  return (bytes: Uint8Array): void => {
    waiting = Uint8Array.of(...waiting, ...bytes);
    while (waiting.length > 0) {
      const length = lengthOf(waiting);
      if (length === undefined || (length > 0 && waiting.length < length)) return;
      if (length > 0) obey(waiting.slice(0, length));
      waiting = waiting.slice(Math.max(1, length));
    }
  };
}

export const word = (value: number): [number, number] => {
  const whole = Math.max(-0x8000, Math.min(0xffff, Math.round(value))) & 0xffff;
  return [whole >> 8, whole & 0xff];
};

export const sum = (bytes: readonly number[]): number => bytes.reduce((total, byte) => total + byte, 0);
