import t from 'tap';
import { compensate, openBme280, trimmingOf } from '../../../firmware/chips/bme280.ts';
import type { ChipReading, Values } from '../../../firmware/chips/chip-reading.ts';
import { openScd41, openScd41Values } from '../../../firmware/chips/scd41.ts';
import { openSgp4x, ticksOf } from '../../../firmware/chips/sgp4x.ts';
import { openSht3x } from '../../../firmware/chips/sht3x.ts';
import { climateOf, openSht4x } from '../../../firmware/chips/sht4x.ts';
import { createVirtualBme280 } from '../../../hardware/virtual/chips/bme280.ts';
import { createVirtualScd41 } from '../../../hardware/virtual/chips/scd41.ts';
import { createVirtualSgp4x } from '../../../hardware/virtual/chips/sgp4x.ts';
import { createVirtualSht3x } from '../../../hardware/virtual/chips/sht3x.ts';
import { createVirtualSht4x } from '../../../hardware/virtual/chips/sht4x.ts';
import { busOf } from './bus.ts';
import { createRunningClock } from './clock.ts';

const valuesOf = (reading: ChipReading): Values => (reading.kind === 'values' ? reading.values : {});
const near = (found: number | undefined, wanted: number, by: number): boolean => Math.abs((found ?? Number.NaN) - wanted) <= by;

t.test("the BME280's formulas give the worked example of its maker", async (t) => {
  const trimming = {
    T: [27_504, 26_435, -1000],
    P: [36_477, -10_685, 3024, 2855, 140, -7, 15_500, -14_600, 6000],
    H: [75, 362, 0, 324, 50, 30],
  } as const;
  // BMP280 datasheet BST-BMP280-DS001, 3.12: 25.08 degrees and 100,653.27 Pa.
  const { temperatureC, pressurePa } = compensate(trimming, { temperature: 519_888, pressure: 415_148, humidity: 0x8000 });
  t.equal(temperatureC.toFixed(2), '25.08');
  t.equal(pressurePa.toFixed(2), '100653.27');
});

t.test('trimming registers are read with their signs and H4 and H5 from their shared byte', async (t) => {
  const low = new Uint8Array(26).fill(0xff);
  const high = Uint8Array.of(0x6a, 0x01, 0x00, 0x14, 0x24, 0x03, 0x1e);
  const { T, P, H } = trimmingOf(low, high);
  t.same(T, [65_535, -1, -1]);
  t.equal(P[0], 65_535);
  t.equal(P[8], -1);
  t.same(H, [255, 362, 0, 0x144, 0x32, 30]);
});

t.test('a BME280 gives the air, over the whole of its range; a BMP280 the same without humidity', async (t) => {
  const clock = createRunningClock();
  let air = { temperatureC: 21.4, pressureHpa: 1013.2, humidityPercent: 46 };
  const chip = await openBme280(busOf(createVirtualBme280({ nowMs: clock.monotonic, air: () => air })), clock);
  for (const temperatureC of [-20, 0, 21.4, 60]) {
    for (const [pressureHpa, humidityPercent] of [
      [650, 12],
      [1013.2, 46],
      [1080, 88],
    ] as const) {
      air = { temperatureC, pressureHpa, humidityPercent };
      const { temperature, pressure, humidity } = valuesOf(await chip.read());
      t.ok(near(temperature, temperatureC, 0.02), `${temperature} for ${temperatureC} degrees`);
      t.ok(near(pressure, pressureHpa, 0.1), `${pressure} for ${pressureHpa} hPa`);
      t.ok(near(humidity, humidityPercent, 0.2), `${humidity} for ${humidityPercent} %`);
    }
  }
  const without = await openBme280(busOf(createVirtualBme280({ nowMs: clock.monotonic, air: () => air, id: 0x58 })), clock);
  t.same(Object.keys(valuesOf(await without.read())), ['temperature', 'pressure']);
  await t.rejects(
    openBme280(busOf(createVirtualBme280({ nowMs: clock.monotonic, air: () => air, id: 0x61 })), clock),
    /0x76.*id 0x61.*another chip/,
  );
});

t.test('an SHT4x gives temperature and humidity, cut off at 0 and 100 %', async (t) => {
  const clock = createRunningClock();
  const air = () => ({ temperatureC: 23.7, humidityPercent: 51.3 });
  const chip = await openSht4x(busOf(createVirtualSht4x({ nowMs: clock.monotonic, air, address: 0x45 })), clock, 0x45);
  t.equal(chip.serial, '0f4a9c12');
  const { temperature, humidity } = valuesOf(await chip.read());
  t.ok(near(temperature, 23.7, 0.01) && near(humidity, 51.3, 0.01));
  t.equal(climateOf(0, 0).humidity, 0);
  t.equal(climateOf(0, 65_535).humidity, 100);
});

t.test('an SHT3x gives temperature and humidity; a spoiled answer is a checksum, and an empty address is found out at once', async (t) => {
  const clock = createRunningClock();
  const air = () => ({ temperatureC: -12.3, humidityPercent: 88.1 });
  let isSpoiled = false;
  const chip = await openSht3x(busOf(createVirtualSht3x({ nowMs: clock.monotonic, air, isSpoiled: () => isSpoiled })), clock);
  const { temperature, humidity } = valuesOf(await chip.read());
  t.ok(near(temperature, -12.3, 0.01) && near(humidity, 88.1, 0.01));
  isSpoiled = true;
  await t.rejects(chip.read(), /a wrong checksum/);
  await t.rejects(openSht3x(busOf(), clock), /nobody answers at I2C address 0x44/);
});

t.test("Sensirion's parameters for 25 degrees and 50 % are the words that the datasheet names", async (t) => {
  t.same(ticksOf({ temperatureC: 25, humidityPercent: 50 }), [0x8000, 0x6666]);
  t.same(ticksOf({ temperatureC: 500, humidityPercent: -4 }), [0, 65_535], 'never beyond a word');
});

t.test('an SGP41 is conditioned for ten seconds, then gives NOx too, compensated by the air it is told', async (t) => {
  const clock = createRunningClock();
  const told: number[][] = [];
  const bus = busOf(
    createVirtualSgp4x({
      model: 'sgp41',
      nowMs: clock.monotonic,
      ticks: () => ({ voc: 30_000, nox: 15_000 }),
      onCompensation: (...words) => told.push(words),
    }),
  );
  const chip = await openSgp4x(bus, clock, 'sgp41');
  t.same(await chip.read(), { voc: 30_000 });
  await clock.sleep(10_000);
  t.same(await chip.read({ temperatureC: 25, humidityPercent: 100 }), { voc: 30_000, nox: 15_000 });
  t.same(told.at(-1), [65_535, 0x6666]);
});

t.test('an SGP40 gives VOC alone; a broken one, or the wrong model, is refused', async (t) => {
  const clock = createRunningClock();
  const options = { nowMs: clock.monotonic, ticks: () => ({ voc: 30_000, nox: 0 }) };
  const chip = await openSgp4x(busOf(createVirtualSgp4x({ ...options, model: 'sgp40' })), clock, 'sgp40');
  t.same(await chip.read(), { voc: 30_000 });
  await t.rejects(
    openSgp4x(busOf(createVirtualSgp4x({ ...options, model: 'sgp40', isBroken: true })), clock, 'sgp40'),
    /self-test.*broken/,
  );
  await t.rejects(
    openSgp4x(busOf(createVirtualSgp4x({ ...options, model: 'sgp41', isBroken: true })), clock, 'sgp41'),
    /self-test.*broken/,
  );
  await t.rejects(openSgp4x(busOf(createVirtualSgp4x({ ...options, model: 'sgp41' })), clock, 'sgp40'), /wrong model/);
});

t.test('an SCD41 is told height, offset and pressure, and measures accordingly', async (t) => {
  const clock = createRunningClock();
  const air = () => ({ co2Ppm: 800, temperatureC: 21, humidityPercent: 46 });
  const high = await openScd41(busOf(createVirtualScd41({ air, nowMs: clock.monotonic })), clock, {
    altitudeM: 1600,
    temperatureOffsetC: 2,
  });
  await clock.sleep(5000);
  const sample = await high.read();
  t.ok(near(sample?.co2Ppm, 970, 5), 'air of 1600 m is read as the thinner air that it is');
  t.ok(near(sample?.temperatureC, 23, 0.01));

  let hpa: number | undefined = 900;
  const bus = busOf(createVirtualScd41({ air, nowMs: clock.monotonic }));
  const low = await openScd41Values(bus, clock, {}, () => hpa);
  await clock.sleep(5000);
  t.ok(near(valuesOf(await low.read()).co2, 901, 1), 'by the barometer beside it');
  hpa = undefined;
  t.same(await low.read(), { kind: 'none' });
});

t.test('an SCD41 recalibrates to known air after three minutes in it, and refuses before', async (t) => {
  const clock = createRunningClock();
  const bus = busOf(createVirtualScd41({ air: () => ({ co2Ppm: 480, temperatureC: 21, humidityPercent: 46 }), nowMs: clock.monotonic }));
  const chip = await openScd41(bus, clock);
  await t.rejects(chip.recalibrate(420), /3 minutes/);
  await clock.sleep(180_000);
  t.equal(await chip.recalibrate(420), -60);
  await clock.sleep(5000);
  t.equal((await chip.read())?.co2Ppm, 420, 'and measures on');
  await t.rejects(chip.recalibrate(4200), /4200 is outside 400 to 2000/);
  await t.rejects(openScd41(bus, clock, { altitudeM: 9000 }), /altitude 9000 is outside 0 to 3000/);
});

t.test('an SCD41 in low power gives air each thirty seconds, in single shot when asked', async (t) => {
  const clock = createRunningClock();
  const options = { air: () => ({ co2Ppm: 700, temperatureC: 21, humidityPercent: 46 }), nowMs: clock.monotonic };
  const slow = await openScd41(busOf(createVirtualScd41(options)), clock, { mode: 'low-power' });
  await clock.sleep(6000);
  t.equal(await slow.read(), undefined);
  await clock.sleep(24_000);
  t.equal((await slow.read())?.co2Ppm, 700);
  const single = await openScd41(busOf(createVirtualScd41(options)), clock, { mode: 'single-shot' });
  const startMs = clock.monotonic();
  t.equal((await single.read())?.co2Ppm, 700);
  t.ok(clock.monotonic() - startMs >= 5000);
});

t.test('an SCD41 that finds itself broken says so', async (t) => {
  const clock = createRunningClock();
  const options = { air: () => ({ co2Ppm: 700, temperatureC: 21, humidityPercent: 46 }), nowMs: clock.monotonic };
  const well = await openScd41(busOf(createVirtualScd41(options)), clock);
  await well.selfTest();
  const broken = await openScd41(busOf(createVirtualScd41({ ...options, selfTest: 0x0011 })), clock);
  await t.rejects(broken.selfTest(), /self-test found a malfunction.*replace/);
});

t.test('a wrong checksum is told from a chip that is gone', async (t) => {
  const clock = createRunningClock();
  const air = () => ({ co2Ppm: 700, temperatureC: 21, humidityPercent: 46 });
  let isSpoiled = false;
  const chip = await openScd41(busOf(createVirtualScd41({ air, nowMs: clock.monotonic, isSpoiled: () => isSpoiled })), clock);
  isSpoiled = true;
  await t.rejects(chip.read(), { name: 'ChipError', kind: 'checksum', message: /pull-ups/ });
});
