/**
 * The air of a room with people in it: CO2 by mass balance, temperature and humidity towards what people give off.
 *
 * Sources: CO2 of an adult at rest 0.0048 l/s (A. Persily, L. de Jonge, "Carbon dioxide generation rates for building
 * occupants", Indoor Air 27, 2017); outdoor air 420 ppm; sensible heat some 70 W and 40 g/h of water a person (ASHRAE).
 */
import type { AirState } from './chips/scd41.ts';
import type { Dust } from './uart/particles.ts';

const OUTDOOR_PPM = 420;
const CO2_LITRES_PER_SECOND = 0.0048;
const LITRES_PER_M3 = 1000;

/** The air of the room in all that sensors feel of it. */
export interface RoomAir extends AirState {
  readonly pressureHpa: number;
  readonly dust: Dust;
  /** Raw signals of a gas sensor: people and cooking make the VOC signal fall and the NOx signal rise. */
  readonly gasTicks: { readonly voc: number; readonly nox: number };
}

export interface Room {
  readonly air: RoomAir;
  /** Lets time pass with so many people in the room. */
  advance(seconds: number, people: number): void;
}

export function createRoom({ volumeM3 = 30, airChangesPerHour = 0.6, co2Ppm = 780 } = {}): Room {
  let air: AirState = { co2Ppm, temperatureC: 21.4, humidityPercent: 46 };
  let sinceS = 0;
  return {
    get air() {
      return { ...air, ...hourOf(sinceS) };
    },
    advance(seconds, people) {
      sinceS += seconds;
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

/** Somebody cooks for five minutes of each hour, which the room then forgets within a quarter of an hour. */
const COOKING_FROM_S = 2100;
const COOKING_S = 300;
const FORGETS_S = 420;

function hourOf(sinceS: number): Omit<RoomAir, keyof AirState> {
  const inHour = sinceS % 3600;
  const cooked = Math.min(1, Math.max(0, (inHour - COOKING_FROM_S) / COOKING_S));
  const smell = cooked * Math.exp(-Math.max(0, inHour - COOKING_FROM_S - COOKING_S) / FORGETS_S);
  // Slow swings of some minutes, as draughts make them.
  const swing = Math.sin(sinceS / 97) + 0.5 * Math.sin(sinceS / 31);
  const pm2_5 = 6 + 0.8 * swing + 30 * smell;
  return {
    pressureHpa: 1013.2 + 1.5 * Math.sin(sinceS / 20_000),
    dust: { pm1: pm2_5 * 0.65, pm2_5, pm4: pm2_5 * 1.15, pm10: pm2_5 * 1.3, pm100: pm2_5 * 2 },
    gasTicks: { voc: 30_000 + 60 * swing - 2500 * smell, nox: 16_000 + 20 * swing + 600 * smell },
  };
}
