/**
 * Every chip and instrument that a rig file can name: how it is wired, what it measures, which settings it takes, how it is opened.
 *
 * A chip is added by its file, its twin in hardware/virtual, and one row here; rig files, device programs and messages follow.
 */
import type { I2cBus, Uart } from '../buses/bus.ts';
import type { QuantityId } from '../protocol/quantities.ts';
import type { Clock } from '../protocol/time.ts';
import { openAdxl345 } from './adxl345.ts';
import { BME280_ADDRESS, openBme280 } from './bme280.ts';
import type { ChipOfValues } from './chip-reading.ts';
import type { ChipSettings, SettingName } from './chip-settings.ts';
import { hpmaQuantities, openHpma115 } from './hpma115.ts';
import { openHx711 } from './hx711.ts';
import { openLis3dh } from './lis3dh.ts';
import type { LoadCell } from './load-cell.ts';
import { openMcu680 } from './mcu680.ts';
import type { MotionChip } from './motion-chip.ts';
import { openMpu6050 } from './mpu6050.ts';
import { openMtSics } from './mt-sics.ts';
import { NAU7802_MAX_COUNTS, NAU7802_MIN_COUNTS, openNau7802 } from './nau7802.ts';
import { openSds011, openSds198 } from './nova.ts';
import { openPlantower, type PlantowerModel, plantowerModels, plantowerQuantities } from './plantower.ts';
import { openScd41Values } from './scd41.ts';
import { openSenseairS8 } from './senseair-s8.ts';
import { type Compensation, openSgp4xValues } from './sgp4x.ts';
import { openSht3x } from './sht3x.ts';
import { openSht4x } from './sht4x.ts';
import { openSps30, sps30Fields } from './sps30.ts';
import { openMhz19, openZh03 } from './winsen.ts';

/** What a chip's driver is given: the wires it hangs on, and what others know of the air. */
export interface Surroundings {
  readonly clock: Clock;
  /** The air by the chips beside it; undefined while unknown. */
  readonly air: () => Compensation | undefined;
  readonly pressureHpa: () => number | undefined;
}

/** How a chip hangs on a board. `lines`: on a serial line, or through the strings of a Firmata sketch. */
export type Wiring<Opened> =
  | {
      readonly bus: 'i2c';
      readonly open: (bus: I2cBus, settings: ChipSettings, around: Surroundings) => Promise<Opened>;
    }
  | {
      readonly bus: 'uart' | 'lines';
      readonly baudRate: number;
      readonly open: (uart: Uart, settings: ChipSettings, around: Surroundings) => Promise<Opened>;
    };

interface Row {
  /** Settings of the rig file beside where it hangs. */
  readonly settings: readonly SettingName[];
}
export type AirRow = Row &
  Wiring<ChipOfValues> & {
    readonly quantities: readonly QuantityId[];
    /** How often it is asked. One that sends by itself is read as often as it sends. */
    readonly everyMs: number;
    /** No value for so long: it has stopped. */
    readonly silentMs: number;
  };
export type LoadCellRow = Row & Wiring<LoadCell>;
export type MotionRow = Row & Wiring<MotionChip>;

const seconds = (value: number | undefined): number | undefined => (value === undefined ? undefined : value * 1000);

const plantower = (model: PlantowerModel): AirRow => ({
  bus: 'uart',
  baudRate: 9600,
  settings: ['warmUpS'],
  quantities: plantowerQuantities(model),
  everyMs: 0,
  silentMs: 30_000,
  open: (uart, { warmUpS }, { clock }) => openPlantower(uart, clock, model, seconds(warmUpS)),
});
const scd4x: AirRow = {
  bus: 'i2c',
  settings: ['mode', 'altitudeM', 'temperatureOffsetC', 'selfCalibration'],
  quantities: ['co2', 'temperature', 'humidity'],
  // A new value each 5 s, asked a little more often, so that each is fetched soon; three missed in low power: it has stopped.
  everyMs: 1000,
  silentMs: 100_000,
  open: (bus, settings, { clock, pressureHpa }) => openScd41Values(bus, clock, settings, pressureHpa),
};
const hpma = (model: 'hpma115s0' | 'hpma115c0'): AirRow => ({
  bus: 'uart',
  baudRate: 9600,
  settings: ['warmUpS'],
  quantities: hpmaQuantities(model),
  everyMs: 1000,
  silentMs: 30_000,
  open: (uart, { warmUpS }, { clock }) => openHpma115(uart, clock, model, seconds(warmUpS)),
});
const mhz19: AirRow = {
  bus: 'uart',
  baudRate: 9600,
  settings: ['warmUpS', 'selfCalibration'],
  quantities: ['co2'],
  everyMs: 5000,
  silentMs: 60_000,
  open: (uart, { warmUpS, selfCalibration }, { clock }) =>
    openMhz19(uart, clock, {
      ...(selfCalibration === undefined ? {} : { baselineCorrection: selfCalibration }),
      ...(warmUpS === undefined ? {} : { warmUpMs: warmUpS * 1000 }),
    }),
};

export const airChips = {
  scd40: scd4x,
  scd41: scd4x,
  sgp40: {
    bus: 'i2c',
    settings: [],
    quantities: ['voc_ticks'],
    // The gas index is defined for one sample a second.
    everyMs: 1000,
    silentMs: 15_000,
    open: (bus, _, { clock, air }) => openSgp4xValues(bus, clock, 'sgp40', air),
  },
  sgp41: {
    bus: 'i2c',
    settings: [],
    quantities: ['voc_ticks', 'nox_ticks'],
    everyMs: 1000,
    silentMs: 15_000,
    open: (bus, _, { clock, air }) => openSgp4xValues(bus, clock, 'sgp41', air),
  },
  bme280: {
    bus: 'i2c',
    settings: ['address'],
    quantities: ['temperature', 'humidity', 'pressure'],
    everyMs: 5000,
    silentMs: 60_000,
    open: (bus, { address = BME280_ADDRESS }, { clock }) => openBme280(bus, clock, address),
  },
  sht3x: {
    bus: 'i2c',
    settings: ['address'],
    quantities: ['temperature', 'humidity'],
    everyMs: 5000,
    silentMs: 60_000,
    open: (bus, { address }, { clock }) => openSht3x(bus, clock, address),
  },
  sht4x: {
    bus: 'i2c',
    settings: ['address'],
    quantities: ['temperature', 'humidity'],
    everyMs: 5000,
    silentMs: 60_000,
    open: (bus, { address }, { clock }) => openSht4x(bus, clock, address),
  },
  ...(Object.fromEntries(plantowerModels.map((model) => [model, plantower(model)])) as Record<PlantowerModel, AirRow>),
  sps30: {
    bus: 'uart',
    baudRate: 115_200,
    settings: ['warmUpS'],
    quantities: sps30Fields,
    everyMs: 1000,
    silentMs: 30_000,
    open: (uart, { warmUpS }, { clock }) => openSps30(uart, clock, seconds(warmUpS)),
  },
  sds011: {
    bus: 'uart',
    baudRate: 9600,
    settings: ['warmUpS'],
    quantities: ['pm2_5', 'pm10'],
    everyMs: 0,
    silentMs: 30_000,
    open: (uart, { warmUpS }, { clock }) => openSds011(uart, clock, seconds(warmUpS)),
  },
  sds198: {
    bus: 'uart',
    baudRate: 9600,
    settings: ['warmUpS'],
    quantities: ['pm100'],
    everyMs: 0,
    silentMs: 30_000,
    open: (uart, { warmUpS }, { clock }) => openSds198(uart, clock, seconds(warmUpS)),
  },
  hpma115s0: hpma('hpma115s0'),
  hpma115c0: hpma('hpma115c0'),
  'mh-z19b': mhz19,
  'mh-z19c': mhz19,
  zh03b: {
    bus: 'uart',
    baudRate: 9600,
    settings: ['warmUpS'],
    quantities: ['pm1', 'pm2_5', 'pm10'],
    everyMs: 1000,
    silentMs: 30_000,
    open: (uart, { warmUpS }, { clock }) => openZh03(uart, clock, seconds(warmUpS)),
  },
  'senseair-s8': {
    bus: 'uart',
    baudRate: 9600,
    settings: ['warmUpS'],
    quantities: ['co2'],
    // The sensor measures each 4 s.
    everyMs: 4000,
    silentMs: 60_000,
    open: (uart, { warmUpS }, { clock }) => openSenseairS8(uart, clock, seconds(warmUpS)),
  },
  mcu680: {
    bus: 'uart',
    baudRate: 9600,
    settings: [],
    quantities: ['temperature', 'humidity', 'pressure', 'gas_resistance', 'iaq'],
    everyMs: 3000,
    silentMs: 30_000,
    open: (uart, _, { clock }) => openMcu680(uart, clock),
  },
} as const satisfies Record<string, AirRow>;

/** Forty conversions a second: the front end's noise averages out over the weighing window, and Firmata keeps up. */
const WEIGH_HZ = 40;

export const loadCellChips = {
  nau7802: {
    bus: 'i2c',
    settings: ['gain', 'convertHz', 'ldoV', 'channel'],
    async open(bus, { gain, convertHz = WEIGH_HZ, ldoV, channel }, { clock }) {
      const chip = await openNau7802(bus, clock, {
        rateHz: convertHz,
        ...(gain === undefined ? {} : { gain }),
        ...(ldoV === undefined ? {} : { ldoV }),
        ...(channel === undefined ? {} : { channel }),
      });
      return {
        limits: { min: NAU7802_MIN_COUNTS, max: NAU7802_MAX_COUNTS },
        rateHz: convertHz,
        async read() {
          const counts = await chip.read();
          if (counts === undefined) return { kind: 'none' };
          return { kind: 'counts', counts, isSaturated: counts >= NAU7802_MAX_COUNTS || counts <= NAU7802_MIN_COUNTS };
        },
      };
    },
  },
  hx711: {
    bus: 'lines',
    baudRate: 9600,
    settings: ['unit'],
    open: (uart, { unit }, { clock }) => openHx711(uart, clock, unit === undefined ? {} : { unit }),
  },
  'mt-sics': {
    bus: 'uart',
    baudRate: 9600,
    settings: [],
    open: (uart, _, { clock }) => openMtSics(uart, clock),
  },
} as const satisfies Record<string, LoadCellRow>;

/** Fifty samples a second see a step's shape; more only costs the line. */
const MOTION_HZ = 50;

export const motionChips = {
  adxl345: {
    bus: 'i2c',
    settings: ['address', 'sampleHz', 'rangeG'],
    open: (bus, { address, sampleHz = MOTION_HZ, rangeG }, { clock }) =>
      openAdxl345(
        bus,
        { rateHz: sampleHz, ...(address === undefined ? {} : { address }), ...(rangeG === undefined ? {} : { rangeG }) },
        clock,
      ),
  },
  mpu6050: {
    bus: 'i2c',
    settings: ['address', 'sampleHz', 'rangeG'],
    open: (bus, { address, sampleHz = MOTION_HZ, rangeG }, { clock }) =>
      openMpu6050(bus, clock, {
        rateHz: sampleHz,
        ...(address === undefined ? {} : { address }),
        ...(rangeG === undefined ? {} : { rangeG }),
      }),
  },
  lis3dh: {
    bus: 'i2c',
    settings: ['address', 'sampleHz', 'rangeG'],
    open: (bus, { address, sampleHz = MOTION_HZ, rangeG }, { clock }) =>
      openLis3dh(bus, clock, {
        rateHz: sampleHz,
        ...(address === undefined ? {} : { address }),
        ...(rangeG === undefined ? {} : { rangeG }),
      }),
  },
} as const satisfies Record<string, MotionRow>;

export type AirChipName = keyof typeof airChips;
export type LoadCellName = keyof typeof loadCellChips;
export type MotionChipName = keyof typeof motionChips;
