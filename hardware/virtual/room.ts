/**
 * The air of a room with people in it: CO2 by mass balance, temperature and humidity towards what people give off.
 *
 * Sources: CO2 of an adult at rest 0.0048 l/s (A. Persily, L. de Jonge, "Carbon dioxide generation rates for building
 * occupants", Indoor Air 27, 2017); outdoor air 420 ppm; sensible heat some 70 W and 40 g/h of water a person (ASHRAE).
 */
import type { AirState } from './chips/scd41.ts';

const OUTDOOR_PPM = 420;
const CO2_LITRES_PER_SECOND = 0.0048;
const LITRES_PER_M3 = 1000;

export interface Room {
  readonly air: AirState;
  /** Lets time pass with so many people in the room. */
  advance(seconds: number, people: number): void;
}

export function createRoom({ volumeM3 = 30, airChangesPerHour = 0.6, co2Ppm = 780 } = {}): Room {
  let air: AirState = { co2Ppm, temperatureC: 21.4, humidityPercent: 46 };
  return {
    get air() {
      return air;
    },
    advance(seconds, people) {
      const sourcePpmPerSecond = (people * CO2_LITRES_PER_SECOND * 1e6) / (volumeM3 * LITRES_PER_M3);
      const airingPerSecond = airChangesPerHour / 3600;
      const steadyPpm = OUTDOOR_PPM + sourcePpmPerSecond / airingPerSecond;
      const part = 1 - Math.exp(-airingPerSecond * seconds);
      air = {
        co2Ppm: air.co2Ppm + (steadyPpm - air.co2Ppm) * part,
        temperatureC: air.temperatureC + (20.5 + people * 1.2 - air.temperatureC) * part,
        humidityPercent: air.humidityPercent + (42 + people * 5 - air.humidityPercent) * part,
      };
    },
  };
}
