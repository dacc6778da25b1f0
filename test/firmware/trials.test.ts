/** `hearth device test`: each chip of a rig by itself, well or not and why. */
import t from 'tap';
import { BusError } from '../../firmware/buses/bus.ts';
import type { RigDevice } from '../../firmware/rig.ts';
import { type Trial, tryChips } from '../../firmware/trials.ts';
import { createVirtualAdxl345 } from '../../hardware/virtual/chips/adxl345.ts';
import { createVirtualNau7802 } from '../../hardware/virtual/chips/nau7802.ts';
import { createVirtualScd41 } from '../../hardware/virtual/chips/scd41.ts';
import { createRandom } from '../../hardware/virtual/random.ts';
import { createRunningClock } from './chips/clock.ts';
import { boardOf } from './devices/bench.ts';

const scale: RigDevice = {
  kind: 'scale',
  id: 'scale',
  name: 'S',
  loadCell: { chip: 'nau7802' },
  calibration: { zeroCounts: 0, countsPerKg: 20_000, date: '2026-11-01' },
};
const tracker: RigDevice = { kind: 'tracker', id: 'tracker', name: 'T', accelerometer: { chip: 'adxl345' } };
const home: RigDevice = { kind: 'home', id: 'air', name: 'A', air: [{ chip: 'scd41' }, { chip: 'sht4x' }] };
const air = () => ({ co2Ppm: 812, temperatureC: 21.5, humidityPercent: 46 });

async function tried(devices: readonly RigDevice[], change: { noise?: number; isStuck?: boolean; selfTest?: number } = {}) {
  const clock = createRunningClock();
  const random = createRandom(3);
  const board = boardOf(
    createVirtualNau7802({ counts: () => 84_000 + (change.noise ?? 25) * random.normal(), nowMs: clock.monotonic }),
    createVirtualAdxl345({ accelG: () => [0, 0, 1], nowMs: clock.monotonic, isStuck: change.isStuck ?? false }),
    createVirtualScd41({ air, nowMs: clock.monotonic, selfTest: change.selfTest ?? 0 }),
  );
  const found: Trial[] = [];
  for await (const trial of tryChips(board, devices, clock)) found.push(trial);
  return found;
}

t.test('sound chips say what they read, at what rate and noise; one that is missing is named and ends nothing', async (t) => {
  t.match(await tried([scale, tracker, home]), [
    { device: 'scale', chip: 'nau7802', isWell: true, words: /^8[34]\d{3} counts, noise 2\d, (38|39|40|41)\.\d a second$/ },
    { device: 'tracker', chip: 'adxl345', isWell: true, words: /^1\.00\d g at rest, (49|50|51)\.\d a second of 50; its self-test moved/ },
    { device: 'air', chip: 'scd41', isWell: true, words: /^co2 812, temperature 21\.5, humidity 46; its self-test passed$/ },
    { device: 'air', chip: 'sht4x', isWell: false, words: /^sht4x: nobody answers at I2C address 0x44/ },
  ]);
});

t.test('an open input, a mass that does not move and a chip that finds itself broken are said with what to do', async (t) => {
  t.match(await tried([scale, tracker, home], { noise: 0, isStuck: true, selfTest: 0x11 }), [
    { isWell: false, words: /without any noise.*not connected or shorted/ },
    { isWell: false, words: /outside its datasheet.*else it is broken/ },
    { isWell: false, words: /self-test found a malfunction \(0x11\): replace it/ },
    { isWell: false },
  ]);
});

t.test('a bus that is held low is said of each chip on it', async (t) => {
  const stuck = async (): Promise<never> => {
    throw new BusError('stuck', '/dev/i2c-1 is stuck: a chip holds SDA or SCL low');
  };
  const board = { ...boardOf(), i2c: () => ({ read: stuck, write: stuck }) };
  const found: Trial[] = [];
  for await (const trial of tryChips(board, [scale, tracker], createRunningClock())) found.push(trial);
  t.match(found, [
    { isWell: false, words: /^nau7802: .*holds SDA or SCL low/ },
    { isWell: false, words: /^adxl345: .*holds SDA/ },
  ]);
});
