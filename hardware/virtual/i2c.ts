/** A chip on the virtual I2C bus, at the level of bytes between START and STOP. */
export interface VirtualChip {
  readonly address: number;
  /** Bytes after the address. False: not acknowledged (wrong command, busy). */
  write(bytes: Uint8Array): boolean;
  /** Bytes the master asks for; undefined: the address was not acknowledged. */
  read(length: number): Uint8Array | undefined;
}

export interface VirtualBus {
  write(address: number, bytes: Uint8Array): boolean;
  /** Empty when nobody answers. */
  read(address: number, length: number): Uint8Array;
  /** Takes a chip off the bus (NACK) or puts it back, as a broken solder joint does. */
  disconnect(address: number, isOff: boolean): void;
  /** Turns a bit over in each byte that a chip says, as a long or badly pulled-up wire does: sums are wrong, and names are another's. */
  spoil(address: number, isSpoiled: boolean): void;
}

export function createVirtualBus(chips: readonly VirtualChip[]): VirtualBus {
  const byAddress = new Map(chips.map((chip) => [chip.address, chip]));
  const off = new Set<number>();
  const spoiled = new Set<number>();
  const put = (set: Set<number>, address: number, isIn: boolean): void => {
    if (isIn) set.add(address);
    else set.delete(address);
  };
  const at = (address: number): VirtualChip | undefined => (off.has(address) ? undefined : byAddress.get(address));
  return {
    write: (address, bytes) => at(address)?.write(bytes) ?? false,
    read(address, length) {
      const bytes = at(address)?.read(length) ?? new Uint8Array(0);
      return spoiled.has(address) ? bytes.map((byte) => byte ^ 1) : bytes;
    },
    disconnect: (address, isOff) => put(off, address, isOff),
    spoil: (address, isSpoiled) => put(spoiled, address, isSpoiled),
  };
}

/**
 * A chip with numbered registers and an address pointer that counts up, as most sensors are. `onRead` and `onWrite` see each
 * access and may change the byte.
 */
export function createRegisterChip(options: {
  readonly address: number;
  readonly onRead: (register: number) => number;
  readonly onWrite: (register: number, value: number) => void;
  /** Registers at which the pointer stands still, such as the end of a FIFO. */
  readonly isFixed?: (register: number) => boolean;
}): VirtualChip {
  const { isFixed = () => false } = options;
  let pointer = 0;
  const step = (): number => {
    const register = pointer;
    if (!isFixed(register)) pointer = (pointer + 1) & 0xff;
    return register;
  };
  return {
    address: options.address,
    write(bytes) {
      const [register, ...values] = bytes;
      if (register !== undefined) pointer = register;
      for (const value of values) options.onWrite(step(), value);
      return true;
    },
    read: (length) => Uint8Array.from({ length }, () => options.onRead(step())),
  };
}
