/**
 * SCD41 CO2 sensor at command level. Source: Sensirion SCD4x datasheet, version 1.4: section 3.4 (execution times), 3.5 to 3.10
 * (commands), table 9 (what is taken while it measures).
 */
import type { VirtualChip } from '../i2c.ts';
import { createSensirionChip } from './sensirion.ts';

export interface AirState {
  readonly co2Ppm: number;
  readonly temperatureC: number;
  readonly humidityPercent: number;
}

export interface VirtualScd41Options {
  readonly air: (nowMs: number) => AirState;
  readonly nowMs: () => number;
  readonly isSpoiled?: () => boolean;
  /** Word of its self-test; other than 0: broken. */
  readonly selfTest?: number;
}

const START_PERIODIC = 0x21b1;
const START_LOW_POWER = 0x21ac;
const READ_MEASUREMENT = 0xec05;
const STOP_PERIODIC = 0x3f86;
const GET_DATA_READY = 0xe4b8;
const GET_SERIAL = 0x3682;
const SELF_TEST = 0x3639;
const REINIT = 0x3646;
const SET_PRESSURE = 0xe000;
const SET_ALTITUDE = 0x2427;
const SET_TEMPERATURE_OFFSET = 0x241d;
const SET_SELF_CALIBRATION = 0x2416;
const FORCED_RECALIBRATION = 0x362f;
const PERSIST = 0x3615;
const SINGLE_SHOT = 0x219d;
/** What the chip takes while it measures periodically (table 9, third column). */
const whileMeasuring = new Set([READ_MEASUREMENT, STOP_PERIODIC, GET_DATA_READY, SET_PRESSURE]);
const SERIAL = [0xf896, 0x31c3, 0x8b44] as const;
/** 4 K, the offset at delivery (3.7.1). */
const FACTORY_OFFSET_C = 4;
const RECALIBRATION_AFTER_MS = 180_000;
/** Pressure at a height by the barometric formula; a lower one leaves fewer molecules in the chamber. */
const SEA_LEVEL_HPA = 1013.25;
const pressureAt = (heightM: number): number => SEA_LEVEL_HPA * (1 - heightM / 44_330) ** 5.255;

/** The air is told as it is; the chip errs by what its settings leave uncompensated. */
export function createVirtualScd41({ air, nowMs, isSpoiled, selfTest = 0 }: VirtualScd41Options): VirtualChip {
  let periodMs = 0;
  let startedAtMs = 0;
  let measuredMs = 0;
  let readCount = 0;
  let singleShot = false;
  let offsetC = FACTORY_OFFSET_C;
  let toldHpa = SEA_LEVEL_HPA;
  let recalibratedPpm = 0;

  const isReady = (): boolean => singleShot || (periodMs > 0 && Math.floor((nowMs() - startedAtMs) / periodMs) > readCount);
  const word = (value: number): number => Math.max(0, Math.min(65_535, Math.round(value)));
  const measurement = (): number[] | undefined => {
    if (!isReady()) return undefined;
    singleShot = false;
    if (periodMs > 0) readCount = Math.floor((nowMs() - startedAtMs) / periodMs);
    const { co2Ppm, temperatureC, humidityPercent } = air(nowMs());
    const warmC = temperatureC + FACTORY_OFFSET_C - offsetC;
    return [
      word((co2Ppm * SEA_LEVEL_HPA) / toldHpa + recalibratedPpm),
      word(((warmC + 45) / 175) * 65_535),
      word((humidityPercent / 100) * 65_535),
    ];
  };
  const start = (period: number): void => {
    periodMs = period;
    startedAtMs = nowMs();
    readCount = 0;
  };
  const stop = (): void => {
    if (periodMs > 0) measuredMs = nowMs() - startedAtMs;
    periodMs = 0;
  };
  const recalibrate = (wanted: number): number => {
    if (measuredMs < RECALIBRATION_AFTER_MS) return 0xffff;
    const found = (air(nowMs()).co2Ppm * SEA_LEVEL_HPA) / toldHpa + recalibratedPpm;
    recalibratedPpm += wanted - found;
    return word(0x8000 + wanted - found);
  };

  return createSensirionChip({
    address: 0x62,
    nowMs,
    ...(isSpoiled === undefined ? {} : { isSpoiled }),
    obey(command, [parameter = 0]) {
      if (periodMs > 0 && !whileMeasuring.has(command)) return undefined;
      switch (command) {
        case START_PERIODIC:
          start(5000);
          return { ms: 0 };
        case START_LOW_POWER:
          start(30_000);
          return { ms: 0 };
        case STOP_PERIODIC:
          stop();
          return { ms: 500 };
        case GET_DATA_READY:
          return { ms: 1, answer: [isReady() ? 0x8006 : 0x8000] };
        case READ_MEASUREMENT: {
          const answer = measurement();
          return answer === undefined ? { ms: 1 } : { ms: 1, answer };
        }
        case GET_SERIAL:
          return { ms: 1, answer: SERIAL };
        case SELF_TEST:
          return { ms: 10_000, answer: [selfTest] };
        case FORCED_RECALIBRATION:
          return { ms: 400, answer: [recalibrate(parameter)] };
        case SET_PRESSURE:
          toldHpa = parameter;
          return { ms: 1 };
        case SET_ALTITUDE:
          toldHpa = pressureAt(parameter);
          return { ms: 1 };
        case SET_TEMPERATURE_OFFSET:
          offsetC = (parameter * 175) / 65_535;
          return { ms: 1 };
        case SET_SELF_CALIBRATION:
          return { ms: 1 };
        case PERSIST:
          return { ms: 800 };
        case REINIT:
          return { ms: 30 };
        case SINGLE_SHOT:
          singleShot = true;
          return { ms: 5000 };
        default:
          return undefined;
      }
    },
  });
}
