/** Which twin stands for a chip of the rig file, and what of the scene it feels. A chip is added to the virtual rig by one row. */
import type { CountsPerKg } from '../../firmware/rig.ts';
import { createVirtualAdxl345 } from './chips/adxl345.ts';
import { createVirtualBme280 } from './chips/bme280.ts';
import { createVirtualLis3dh } from './chips/lis3dh.ts';
import { createVirtualMpu6050 } from './chips/mpu6050.ts';
import { createVirtualNau7802 } from './chips/nau7802.ts';
import { createVirtualScd41 } from './chips/scd41.ts';
import { createVirtualSgp4x } from './chips/sgp4x.ts';
import { createVirtualSht3x } from './chips/sht3x.ts';
import { createVirtualSht4x } from './chips/sht4x.ts';
import type { VirtualChip } from './i2c.ts';
import { createRandom } from './random.ts';
import type { Scene } from './scene.ts';
import { createMcu680Twin, createMhz19Twin, createS8Twin } from './uart/gas.ts';
import {
  createHpmaTwin,
  createNovaTwin,
  createPlantowerTwin,
  createSps30Twin,
  createZh03Twin,
  type PlantowerLayout,
} from './uart/particles.ts';
import { createHx711Twin, createMtSicsTwin } from './uart/scales.ts';
import type { UartTwin } from './uart/uart-twin.ts';

export interface TwinPlace {
  readonly scene: Scene;
  readonly nowMs: () => number;
  readonly address: number | undefined;
  /** Of the device that the chip belongs to: a true kilogram reads as one. */
  readonly calibration: CountsPerKg;
}

const at = (address: number | undefined): { address?: number } => (address === undefined ? {} : { address });
/** Noise of a 24-bit converter at gain 128 and 40 conversions a second, in counts (NAU7802 datasheet, table 8.2: some 21 effective bits). */
const NOISE_COUNTS = 25;
const counts = ({ scene, calibration }: TwinPlace): ((atMs: number) => number) => {
  const random = createRandom(7);
  return (atMs) => calibration.zeroCounts + calibration.countsPerKg * scene.load(atMs) + NOISE_COUNTS * random.normal();
};

export const i2cTwins: Readonly<Record<string, (place: TwinPlace) => VirtualChip>> = {
  nau7802: (place) => createVirtualNau7802({ counts: counts(place), nowMs: place.nowMs }),
  adxl345: ({ scene, nowMs, address }) => createVirtualAdxl345({ accelG: scene.accelG, nowMs, ...at(address) }),
  lis3dh: ({ scene, nowMs, address }) => createVirtualLis3dh({ accelG: scene.accelG, nowMs, ...at(address) }),
  mpu6050: ({ scene, nowMs, address }) => createVirtualMpu6050({ accelG: scene.accelG, nowMs, ...at(address) }),
  scd40: ({ scene, nowMs }) => createVirtualScd41({ air: scene.air, nowMs }),
  scd41: ({ scene, nowMs }) => createVirtualScd41({ air: scene.air, nowMs }),
  sgp40: ({ scene, nowMs }) => createVirtualSgp4x({ model: 'sgp40', ticks: (atMs) => scene.air(atMs).gasTicks, nowMs }),
  sgp41: ({ scene, nowMs }) => createVirtualSgp4x({ model: 'sgp41', ticks: (atMs) => scene.air(atMs).gasTicks, nowMs }),
  bme280: ({ scene, nowMs, address }) => createVirtualBme280({ air: scene.air, nowMs, ...at(address) }),
  sht3x: ({ scene, nowMs, address }) => createVirtualSht3x({ air: scene.air, nowMs, ...at(address) }),
  sht4x: ({ scene, nowMs, address }) => createVirtualSht4x({ air: scene.air, nowMs, ...at(address) }),
};

type UartMaker = (place: TwinPlace, send: (bytes: Uint8Array) => void) => UartTwin;

const plantower =
  (layout: PlantowerLayout): UartMaker =>
  ({ scene, nowMs }, send) =>
    createPlantowerTwin({ send, nowMs, layout, dust: (atMs) => scene.air(atMs).dust });
const co2 = ({ scene, nowMs }: TwinPlace, send: (bytes: Uint8Array) => void) => ({
  send,
  nowMs,
  co2Ppm: (atMs: number) => scene.air(atMs).co2Ppm,
});
const dusty = ({ scene, nowMs }: TwinPlace, send: (bytes: Uint8Array) => void) => ({
  send,
  nowMs,
  dust: (atMs: number) => scene.air(atMs).dust,
});

export const uartTwins: Readonly<Record<string, UartMaker>> = {
  pms1003: plantower('pms5003'),
  pms3003: plantower('pms3003'),
  pms5003: plantower('pms5003'),
  pms7003: plantower('pms5003'),
  pmsa003: plantower('pms5003'),
  pms5003s: plantower('pms5003s'),
  pms5003t: plantower('pms5003t'),
  pms5003st: plantower('pms5003st'),
  sds011: (place, send) => createNovaTwin({ ...dusty(place, send), model: 'sds011' }),
  sds198: (place, send) => createNovaTwin({ ...dusty(place, send), model: 'sds198' }),
  hpma115s0: (place, send) => createHpmaTwin({ ...dusty(place, send), model: 'hpma115s0' }),
  hpma115c0: (place, send) => createHpmaTwin({ ...dusty(place, send), model: 'hpma115c0' }),
  zh03b: (place, send) => createZh03Twin(dusty(place, send)),
  sps30: (place, send) => createSps30Twin(dusty(place, send)),
  'mh-z19b': (place, send) => createMhz19Twin(co2(place, send)),
  'mh-z19c': (place, send) => createMhz19Twin(co2(place, send)),
  'senseair-s8': (place, send) => createS8Twin(co2(place, send)),
  mcu680: ({ scene, nowMs }, send) => createMcu680Twin({ send, nowMs, air: scene.air }),
  'mt-sics': ({ scene, nowMs }, send) => createMtSicsTwin({ send, nowMs, loadKg: scene.load }),
  hx711: (place, send) => createHx711Twin({ send, nowMs: place.nowMs, counts: counts(place) }),
};
