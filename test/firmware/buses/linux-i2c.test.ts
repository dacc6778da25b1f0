/**
 * The Pi's own I2C against a C library of the test's, which takes the structures apart byte by byte as the kernel does, with virtual chips
 * behind it. A kernel with I2C adapters is not needed; the real library is tried where no adapter is.
 */
import { createRequire } from 'node:module';
import t, { type Test } from 'tap';
import { type Libc, LibcError, systemLibc } from '../../../firmware/buses/libc.ts';
import { openLinuxI2c } from '../../../firmware/buses/linux-i2c.ts';
import { openBme280 } from '../../../firmware/chips/bme280.ts';
import { openNau7802 } from '../../../firmware/chips/nau7802.ts';
import { openScd41 } from '../../../firmware/chips/scd41.ts';
import { createVirtualBme280 } from '../../../hardware/virtual/chips/bme280.ts';
import { createVirtualNau7802 } from '../../../hardware/virtual/chips/nau7802.ts';
import { createVirtualScd41 } from '../../../hardware/virtual/chips/scd41.ts';
import { createVirtualBus, type VirtualChip } from '../../../hardware/virtual/i2c.ts';
import { createRunningClock } from '../chips/clock.ts';

const I2C_RDWR = 0x0707;
const I2C_M_RD = 1;
const EREMOTEIO = 121;
const ETIMEDOUT = 110;

/** A kernel with one adapter, /dev/i2c-1. Memory is a table of the bytes whose address was asked for. */
function kernelWith(...chips: VirtualChip[]) {
  const bus = createVirtualBus(chips);
  const memory = new Map<bigint, Uint8Array>();
  let nextAddress = 0x7f00_0000_0000n;
  const transfers: { address: number; isRead: boolean; length: number }[][] = [];
  let errno = 0;
  const libc: Libc = {
    open(path) {
      if (path !== '/dev/i2c-1') throw new LibcError(`open ${path}`, 2);
      return 7;
    },
    close: () => undefined,
    addressOf(bytes) {
      nextAddress += 0x1000n;
      memory.set(nextAddress, bytes);
      return nextAddress;
    },
    ioctl(fd, request, argument) {
      if (fd !== 7 || request !== I2C_RDWR) throw new LibcError('ioctl', 25);
      if (errno !== 0) throw new LibcError('ioctl', errno);
      const data = new DataView(argument.buffer, argument.byteOffset, argument.length);
      const structures = memory.get(data.getBigUint64(0, true))!;
      const view = new DataView(structures.buffer, structures.byteOffset, structures.length);
      const messages = Array.from({ length: data.getUint32(8, true) }, (_, index) => {
        const at = index * 16;
        const bytes = memory.get(view.getBigUint64(at + 8, true))!;
        return {
          address: view.getUint16(at, true),
          isRead: view.getUint16(at + 2, true) === I2C_M_RD,
          length: view.getUint16(at + 4, true),
          bytes,
        };
      });
      transfers.push(messages.map(({ address, isRead, length }) => ({ address, isRead, length })));
      for (const { address, isRead, length, bytes } of messages) {
        if (!isRead) {
          if (!bus.write(address, bytes.subarray(0, length))) throw new LibcError('ioctl', EREMOTEIO);
          continue;
        }
        const answer = bus.read(address, length);
        if (answer.length < length) throw new LibcError('ioctl', EREMOTEIO);
        bytes.set(answer);
      }
    },
  };
  return {
    libc,
    transfers,
    fail(number: number) {
      errno = number;
    },
  };
}

t.test('the same drivers run on it as on Firmata', async (t) => {
  const clock = createRunningClock();
  const nowMs = clock.monotonic;
  const air = () => ({ co2Ppm: 812, temperatureC: 21.5, humidityPercent: 46, pressureHpa: 1003 });
  const { libc } = kernelWith(
    createVirtualNau7802({ counts: () => -4242, nowMs }),
    createVirtualScd41({ air, nowMs }),
    createVirtualBme280({ air, nowMs }),
  );
  const bus = openLinuxI2c(1, libc);
  const cell = await openNau7802(bus, clock, 40);
  const co2 = await openScd41(bus, clock);
  const barometer = await openBme280(bus, clock);
  await clock.sleep(5000);
  t.equal(await cell.read(), -4242);
  t.equal((await co2.read())?.co2Ppm, 812);
  const reading = await barometer.read();
  t.ok(reading.kind === 'values' && Math.abs(reading.values.pressure! - 1003) < 0.1);
});

t.test('a register is read in one transfer with a repeated start, a plain read in one message', async (t) => {
  const clock = createRunningClock();
  const { libc, transfers } = kernelWith(createVirtualNau7802({ counts: () => 0, nowMs: clock.monotonic }));
  const bus = openLinuxI2c(1, libc);
  await bus.read(0x2a, 0x1f, 1);
  await bus.read(0x2a, null, 2);
  await bus.write(0x2a, Uint8Array.of(0x00, 0x01));
  t.same(transfers, [
    [
      { address: 0x2a, isRead: false, length: 1 },
      { address: 0x2a, isRead: true, length: 1 },
    ],
    [{ address: 0x2a, isRead: true, length: 2 }],
    [{ address: 0x2a, isRead: false, length: 2 }],
  ]);
});

t.test('nobody at the address, a line held low, a bus that is switched off: each is said with what to do', async (t) => {
  const kernel = kernelWith();
  const bus = openLinuxI2c(1, kernel.libc);
  await t.rejects(bus.read(0x62, null, 3), { name: 'BusError', kind: 'nack', message: /0x62 of \/dev\/i2c-1/ });
  kernel.fail(ETIMEDOUT);
  await t.rejects(bus.read(0x62, null, 3), { kind: 'stuck', message: /holds SDA or SCL low.*supply off and on/ });
  t.throws(() => openLinuxI2c(4, kernel.libc), /\/dev\/i2c-4 is not there: switch I2C on/);
  bus.close();
  await t.rejects(bus.write(0x62, Uint8Array.of(1)), { name: 'BusError', kind: 'closed' });
});

/** The parts of koffi by which the test stands behind the C library: structures as the kernel's headers declare them, at their real addresses. */
interface Koffi {
  struct(name: string, members: Record<string, string>): unknown;
  address(bytes: Uint8Array): bigint;
  decode(pointer: bigint | Uint8Array, type: unknown, length?: number): unknown;
  view(pointer: bigint, length: number): ArrayBuffer;
  proto(signature: string): unknown;
  pointer(type: unknown): unknown;
  register(call: (...values: never[]) => number, type: unknown): bigint;
  unregister(call: bigint): void;
}

/**
 * A kernel behind a real call through the C calling convention: ioctl is a function pointer, its argument an address, and the structures are
 * read by the ABI's own rules from the declarations of include/uapi/linux/i2c.h and i2c-dev.h, not by the offsets of the driver.
 */
function kernelByAddress(t: Test, ...chips: VirtualChip[]): Libc {
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  const message = koffi.struct('i2c_msg', { addr: 'uint16_t', flags: 'uint16_t', len: 'uint16_t', buf: 'void *' });
  const data = koffi.struct('i2c_rdwr_ioctl_data', { msgs: 'void *', nmsgs: 'uint32_t' });
  const bus = createVirtualBus(chips);
  const call = koffi.register(
    (request: bigint | number, argument: bigint) => {
      if (Number(request) !== I2C_RDWR) return -1;
      const { msgs, nmsgs } = koffi.decode(argument, data) as { msgs: bigint; nmsgs: number };
      const size = 16n;
      for (let at = 0n; at < nmsgs; at++) {
        const { addr, flags, len, buf } = koffi.decode(msgs + at * size, message) as {
          addr: number;
          flags: number;
          len: number;
          buf: bigint;
        };
        const bytes = new Uint8Array(koffi.view(buf, len));
        if ((flags & I2C_M_RD) === 0) {
          if (!bus.write(addr, bytes)) return -1;
        } else {
          const answer = bus.read(addr, len);
          if (answer.length < len) return -1;
          bytes.set(answer);
        }
      }
      return nmsgs;
    },
    koffi.pointer(koffi.proto('int HearthIoctl(unsigned long request, void *argument)')),
  );
  t.teardown(() => koffi.unregister(call));
  const enter = koffi.decode(call, koffi.proto('int HearthIoctlCall(unsigned long request, void *argument)')) as (
    request: number,
    argument: Uint8Array,
  ) => number;
  return {
    open: () => 7,
    close: () => undefined,
    addressOf: (bytes) => koffi.address(bytes),
    ioctl(_, request, argument) {
      if (enter(request, argument) < 0) throw new LibcError('ioctl', EREMOTEIO);
    },
  };
}

t.test('structures at their real addresses, through a real call of the C calling convention, move real bytes', async (t) => {
  const clock = createRunningClock();
  const libc = kernelByAddress(t, createVirtualNau7802({ counts: () => -4242, nowMs: clock.monotonic }));
  const bus = openLinuxI2c(1, libc);
  const cell = await openNau7802(bus, clock, 40);
  await clock.sleep(500);
  t.equal(await cell.read(), -4242);
  await t.rejects(bus.read(0x62, null, 3), { name: 'BusError', kind: 'nack' });
});

t.test("the system's own C library is called, and its errno is understood", async (t) => {
  t.throws(() => openLinuxI2c(99), /\/dev\/i2c-99 is not there/);
  const libc = systemLibc();
  const fd = libc.open('/dev/null');
  t.throws(() => libc.ioctl(fd, I2C_RDWR, new Uint8Array(16)), /errno 25/);
  libc.close(fd);
});
