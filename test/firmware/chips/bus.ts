import { BusError, hex, type I2cBus } from '../../../firmware/buses/bus.ts';
import { createVirtualBus, type VirtualChip } from '../../../hardware/virtual/i2c.ts';

/** An I2C bus in memory with virtual chips on it, as patient with nobody as Firmata's is. */
export function busOf(...chips: VirtualChip[]): I2cBus {
  const bus = createVirtualBus(chips);
  return {
    async write(address, bytes) {
      bus.write(address, bytes);
    },
    async read(address, register, length) {
      if (register !== null) bus.write(address, Uint8Array.of(register));
      const bytes = bus.read(address, length);
      if (bytes.length < length) throw new BusError('nack', `nobody answers at I2C address ${hex(address)}`);
      return bytes;
    },
  };
}
