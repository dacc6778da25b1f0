import t from 'tap';
import { openAdxl345 } from '../../../firmware/chips/adxl345.ts';
import { openNau7802 } from '../../../firmware/chips/nau7802.ts';
import { openScd41 } from '../../../firmware/chips/scd41.ts';
import { sensirionCrc, sensirionWords } from '../../../firmware/chips/sensirion-crc.ts';
import { createVirtualAdxl345 } from '../../../hardware/virtual/chips/adxl345.ts';
import { createVirtualNau7802 } from '../../../hardware/virtual/chips/nau7802.ts';
import { createVirtualScd41 } from '../../../hardware/virtual/chips/scd41.ts';
import { busOf } from './bus.ts';
import { createRunningClock } from './clock.ts';

t.test('a NAU7802 gives signed 24-bit counts, and none before a conversion is ready', async (t) => {
  const clock = createRunningClock();
  let counts = -1234;
  const bus = busOf(createVirtualNau7802({ counts: () => counts, nowMs: clock.monotonic }));
  const chip = await openNau7802(bus, clock, 40);
  t.equal(await chip.read(), undefined);
  await clock.sleep(200);
  t.equal(await chip.read(), -1234);
  t.equal(await chip.read(), undefined, 'each conversion once');
  counts = 1_639_525;
  await clock.sleep(25);
  t.equal(await chip.read(), 1_639_525);
});

t.test('another chip at the address, or none, is named with the address and what to do', async (t) => {
  const clock = createRunningClock();
  const options = { nowMs: clock.monotonic };
  await t.rejects(
    openNau7802(busOf(createVirtualNau7802({ ...options, counts: () => 0, revision: 0x04 })), clock, 40),
    /0x2a.*revision 0x04.*another chip/,
  );
  await t.rejects(
    openAdxl345(busOf(createVirtualAdxl345({ ...options, accelG: () => [0, 0, 1], id: 0xe6 })), 50),
    /0x53.*id 0xe6.*another chip/,
  );
  await t.rejects(openNau7802(busOf(), clock, 40), /nobody answers/);
  await t.rejects(openAdxl345(busOf(), 50), /nobody answers/);
  await t.rejects(openScd41(busOf(), clock), /nobody answers/);
});

t.test('an ADXL345 gives every sample of its FIFO, in g, and says when it was full', async (t) => {
  const clock = createRunningClock();
  const bus = busOf(createVirtualAdxl345({ accelG: () => [0.5, -1, 2], nowMs: clock.monotonic }));
  const chip = await openAdxl345(bus, 50);
  await clock.sleep(200);
  const { samples, isFull } = await chip.read();
  t.equal(samples.length, 10);
  t.same(samples[0], [0.5, -1, 2]);
  t.notOk(isFull);
  await clock.sleep(5000);
  t.ok((await chip.read()).isFull);
});

t.test('an SCD41 gives air each five seconds', async (t) => {
  const clock = createRunningClock();
  const bus = busOf(createVirtualScd41({ air: () => ({ co2Ppm: 812, temperatureC: 21.5, humidityPercent: 46 }), nowMs: clock.monotonic }));
  const chip = await openScd41(bus, clock);
  t.equal(chip.serial, 'f89631c38b44');
  t.equal(await chip.read(), undefined);
  await clock.sleep(5000);
  const air = await chip.read();
  t.equal(air?.co2Ppm, 812);
  t.ok(Math.abs((air?.temperatureC ?? 0) - 21.5) < 0.01 && Math.abs((air?.humidityPercent ?? 0) - 46) < 0.01);
});

t.test("Sensirion's checksum is as its datasheet shows, and a wrong one gives no words", async (t) => {
  t.equal(sensirionCrc(0xbe, 0xef), 0x92);
  t.same(sensirionWords(Uint8Array.of(0xbe, 0xef, 0x92)), [0xbeef]);
  t.equal(sensirionWords(Uint8Array.of(0xbe, 0xef, 0x93)), undefined);
});
