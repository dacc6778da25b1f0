import t from 'tap';
import { openNau7802 } from '../../../firmware/chips/nau7802.ts';
import { createVirtualNau7802 } from '../../../hardware/virtual/chips/nau7802.ts';
import { busOf } from './bus.ts';
import { createRunningClock } from './clock.ts';

t.test('gain, rate and channel are what was asked for', async (t) => {
  const clock = createRunningClock();
  const bus = busOf(createVirtualNau7802({ counts: (_, channel) => (channel === 1 ? 128_000 : -64_000), nowMs: clock.monotonic }));
  for (const gain of [1, 2, 4, 8, 16, 32, 64, 128] as const) {
    const chip = await openNau7802(bus, clock, { rateHz: 80, gain });
    await clock.sleep(200);
    t.equal(await chip.read(), 1000 * gain, `gain ${gain}`);
  }
  for (const rateHz of [10, 20, 40, 80, 320] as const) {
    const chip = await openNau7802(bus, clock, { rateHz });
    await clock.sleep(2000);
    await chip.read();
    let count = 0;
    for (let step = 0; step < 1000; step++) {
      await clock.sleep(1);
      if ((await chip.read()) !== undefined) count++;
    }
    t.ok(Math.abs(count - rateHz) <= 1, `${count} in 1 s at ${rateHz} Hz`);
  }
});

t.test('a second cell on channel 2 is read without the capacitor that would short it', async (t) => {
  const clock = createRunningClock();
  const bus = busOf(createVirtualNau7802({ counts: (_, channel) => (channel === 1 ? 5000 : -7000), nowMs: clock.monotonic }));
  const chip = await openNau7802(bus, clock, { rateHz: 40, channel: 2 });
  await clock.sleep(200);
  t.equal(await chip.read(), -7000);
  await chip.select(1);
  await clock.sleep(200);
  t.equal(await chip.read(), 5000);
  await chip.select(2);
  await clock.sleep(200);
  t.equal(await chip.read(), -7000);
});

t.test('an offset calibration makes what the cell gives now zero, and says by how much', async (t) => {
  const clock = createRunningClock();
  let counts = -40_000;
  const chip = await openNau7802(busOf(createVirtualNau7802({ counts: () => counts, nowMs: clock.monotonic })), clock, 40);
  await chip.calibrate('offset');
  t.equal(await chip.offset(), -40_000);
  counts = -39_000;
  await clock.sleep(200);
  t.equal(await chip.read(), 1000);
});

t.test('a calibration that the chip refuses says what to look at', async (t) => {
  const clock = createRunningClock();
  const bus = busOf(createVirtualNau7802({ counts: () => 0, nowMs: clock.monotonic, failsCalibration: () => true }));
  await t.rejects(openNau7802(bus, clock, 40), /internal calibration failed.*E\+, E-, A\+, A-/);
});

t.test('the temperature of the chip is read between conversions of the cell', async (t) => {
  const clock = createRunningClock();
  const bus = busOf(createVirtualNau7802({ counts: () => 9000, nowMs: clock.monotonic, temperatureC: () => 31.5 }));
  const chip = await openNau7802(bus, clock, 40);
  await clock.sleep(200);
  t.ok(Math.abs((await chip.temperature()) - 31.5) < 0.1);
  await clock.sleep(25);
  t.equal(await chip.read(), 9000);
});
