/** An I2C bus as a chip's driver sees it: whatever carries the bytes (Firmata, the Pi itself, a test). */
export interface I2cBus {
  /** Rejects with {@link BusError}. */
  write(address: number, bytes: Uint8Array): Promise<void>;
  /** Reads after writing `register`, or plainly when that is null. Rejects with {@link BusError}. */
  read(address: number, register: number | null, length: number): Promise<Uint8Array>;
}

/** A serial line as a chip's driver sees it. */
export interface Uart {
  /** The port, for messages. */
  readonly name: string;
  /** Rejects with {@link BusError}. */
  write(bytes: Uint8Array): Promise<void>;
  /** What has come since the last call, waiting for the first byte; empty when none came in time. Rejects when the port is gone. */
  read(withinMs: number): Promise<Uint8Array>;
  /** Forgets what has come and was not read. */
  discard(): void;
}

export class BusError extends Error {
  override readonly name = 'BusError';
  /**
   * `nack`: nobody answers at the address; `timeout`: the board does not answer; `stuck`: a chip holds the lines low; `refused`: no right
   * to the bus, or it is not switched on; `closed`: the board is gone.
   */
  readonly kind: 'nack' | 'timeout' | 'stuck' | 'refused' | 'closed';

  constructor(kind: BusError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** An I2C address as datasheets write it. */
export const hex = (address: number): string => `0x${address.toString(16).padStart(2, '0')}`;
