import t from 'tap';
import { type Adxl345Range, openAdxl345 } from '../../../firmware/chips/adxl345.ts';
import { type Lis3dhRange, type Lis3dhRate, openLis3dh } from '../../../firmware/chips/lis3dh.ts';
import type { AccelG, MotionChip } from '../../../firmware/chips/motion-chip.ts';
import { type Mpu6050Range, openMpu6050, trimsG } from '../../../firmware/chips/mpu6050.ts';
import type { Clock } from '../../../firmware/protocol/time.ts';
import { createVirtualAdxl345 } from '../../../hardware/virtual/chips/adxl345.ts';
import { createVirtualLis3dh } from '../../../hardware/virtual/chips/lis3dh.ts';
import { createVirtualMpu6050 } from '../../../hardware/virtual/chips/mpu6050.ts';
import { busOf } from './bus.ts';
import { createRunningClock } from './clock.ts';

interface Twin {
  readonly accelG: (nowMs: number) => AccelG;
  readonly id?: number;
  readonly isStuck?: boolean;
}
interface Kind {
  readonly open: (clock: Clock, twin: Twin, rateHz: number, rangeG: number) => Promise<MotionChip>;
  readonly stepG: number;
  readonly depth: number;
}
const kinds: Readonly<Record<string, Kind>> = {
  ADXL345: {
    stepG: 1 / 256,
    depth: 32,
    open: (clock, twin, rateHz, rangeG) =>
      openAdxl345(
        busOf(createVirtualAdxl345({ nowMs: clock.monotonic, ...twin })),
        { rateHz: rateHz as 50, rangeG: rangeG as Adxl345Range },
        clock,
      ),
  },
  LIS3DH: {
    stepG: 0.012,
    depth: 32,
    open: (clock, twin, rateHz, rangeG) =>
      openLis3dh(busOf(createVirtualLis3dh({ nowMs: clock.monotonic, ...twin })), clock, {
        rateHz: rateHz as Lis3dhRate,
        rangeG: rangeG as Lis3dhRange,
      }),
  },
  MPU6050: {
    stepG: 1 / 2048,
    depth: 170,
    open: (clock, twin, rateHz, rangeG) =>
      openMpu6050(busOf(createVirtualMpu6050({ nowMs: clock.monotonic, ...twin })), clock, { rateHz, rangeG: rangeG as Mpu6050Range }),
  },
};

for (const [name, { open, stepG, depth }] of Object.entries(kinds)) {
  t.test(`a ${name} gives every sample of its FIFO once, in g, at each rate and range`, async (t) => {
    for (const rangeG of [2, 4, 8, 16]) {
      for (const rateHz of [25, 50, 100]) {
        const clock = createRunningClock();
        const chip = await open(clock, { accelG: () => [0.5, -1, 1.5] }, rateHz, rangeG);
        await chip.read();
        await clock.sleep(200);
        const { samples, isFull } = await chip.read();
        t.equal(samples.length, rateHz / 5, `${rateHz} Hz`);
        t.notOk(isFull);
        for (const [axis, wanted] of [0.5, -1, 1.5].entries())
          t.ok(Math.abs(samples[0]![axis]! - wanted) <= stepG, `${samples[0]![axis]} for ${wanted} at ${rangeG} g`);
        t.same((await chip.read()).samples, []);
      }
    }
  });

  t.test(`a ${name} that was fetched too late says that samples may be missing, and goes on`, async (t) => {
    const clock = createRunningClock();
    const chip = await open(clock, { accelG: () => [0, 0, 1] }, 50, 8);
    await clock.sleep((depth * 1000) / 50 + 4000);
    t.ok((await chip.read()).isFull);
    await chip.read();
    await clock.sleep(200);
    const after = await chip.read();
    t.notOk(after.isFull);
    t.equal(after.samples.length, 10);
  });

  t.test(`a ${name} cuts off what is beyond its range`, async (t) => {
    const clock = createRunningClock();
    const chip = await open(clock, { accelG: () => [9, -9, 0] }, 50, 4);
    await clock.sleep(100);
    const [sample] = (await chip.read()).samples;
    t.ok(Math.abs(sample![0]) <= 4.1 && Math.abs(sample![1]) <= 4.1 && sample![0] > 3.9);
  });

  t.test(`a ${name} tests itself and measures on; one whose mass is stuck fails`, async (t) => {
    const clock = createRunningClock();
    const chip = await open(clock, { accelG: () => [0, 0, 1] }, 50, 4);
    const { isPassed, changesG } = await chip.selfTest();
    t.ok(isPassed, changesG.join());
    await chip.read();
    await clock.sleep(200);
    t.equal((await chip.read()).samples.length, 10);
    const stuck = await open(createRunningClock(), { accelG: () => [0, 0, 1], isStuck: true }, 50, 4);
    t.notOk((await stuck.selfTest()).isPassed);
  });

  t.test(`another chip where a ${name} should be is named`, async (t) => {
    await t.rejects(open(createRunningClock(), { accelG: () => [0, 0, 1], id: 0x11 }, 50, 4), /id 0x11.*another chip/);
  });
}

t.test('an ADXL345 adds the offsets it is given', async (t) => {
  const clock = createRunningClock();
  const bus = busOf(createVirtualAdxl345({ accelG: () => [0.1, 0, 0.95], nowMs: clock.monotonic }));
  const chip = await openAdxl345(bus, { rateHz: 50, offsetG: [-0.1, 0, 0.05] }, clock);
  await clock.sleep(100);
  const [sample] = (await chip.read()).samples;
  t.ok(Math.abs(sample![0]) < 0.01 && Math.abs(sample![2] - 1) < 0.01, sample!.join());
});

t.test("an MPU6050's trims are the formula's, and none where the code is 0", async (t) => {
  const trims = trimsG(Uint8Array.of(0b111_00000, 0b000_00000, 0b000_00000, 0b11_00_01));
  t.ok(Math.abs(trims[0] - 0.92) < 1e-9);
  t.equal(trims[1], 0);
  t.equal(trims[2], 0.34);
});

t.test('an MPU6050 says how warm it is', async (t) => {
  const clock = createRunningClock();
  const bus = busOf(createVirtualMpu6050({ accelG: () => [0, 0, 1], nowMs: clock.monotonic }));
  const chip = await openMpu6050(bus, clock, { rateHz: 50 });
  t.ok(Math.abs((await chip.temperature()) - 25) < 0.1);
});
