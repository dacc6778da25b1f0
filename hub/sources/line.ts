/** A byte line to a device's program: a serial port, or the standard streams of a program on this machine. */
export interface Line {
  /** Bytes as they arrive; ends when the line is gone. */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Writes without waiting; what a line that is gone or blocked cannot take is dropped, since the protocol re-sends. */
  write(bytes: Uint8Array): void;
  close(): Promise<void>;
}

/** Why a line could not be opened, said so that a person can mend it. */
export class LineError extends Error {
  override readonly name = 'LineError';
  readonly kind: 'absent' | 'permission' | 'busy' | 'other';

  constructor(kind: LineError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
