/** What follows from the air of a room: dew point, water in it, and the indices of the particles of the last hours. Pure. */
import { europeanAqi } from '../../firmware/signal/air/european-aqi.ts';
import { absoluteHumidity, dewPoint } from '../../firmware/signal/air/humidity.ts';
import { nowCast } from '../../firmware/signal/air/nowcast.ts';
import { ukDaqi } from '../../firmware/signal/air/uk-daqi.ts';
import { usAqi } from '../../firmware/signal/air/us-aqi.ts';
import type { StoredMeasurement } from '../store/vault.ts';
import { type Derived, sourcesOf } from './derived.ts';

/** Measurements of one moment of one device, by quantity. */
export type AirMoment = ReadonlyMap<string, StoredMeasurement>;

const MAGNUS = { algorithm: 'magnus-wmo', version: '1' } as const;

export function humidityOf(moment: AirMoment): Derived[] {
  const temperature = moment.get('temperature');
  const humidity = moment.get('humidity');
  if (temperature === undefined || humidity === undefined) return [];
  const inputs = sourcesOf([temperature, humidity]);
  const point = dewPoint(temperature.value, humidity.value);
  return [
    ...(point === undefined || moment.has('dew_point') ? [] : [{ quantity: 'dew_point', value: point, ...MAGNUS, inputs } as const]),
    ...(moment.has('absolute_humidity')
      ? []
      : [{ quantity: 'absolute_humidity', value: absoluteHumidity(temperature.value, humidity.value), ...MAGNUS, inputs } as const]),
  ];
}

/** Hourly means, the newest hour first; undefined where an hour is missing. */
export interface ParticleHours {
  readonly pm2_5: readonly (number | undefined)[];
  readonly pm10: readonly (number | undefined)[];
}

/** A mean of 24 hours stands with three quarters of them (the rule of EPA and EEA). */
const DAY_HOURS = 24;
const LEAST_DAY_HOURS = 18;

/** The worst of both kinds of particles counts. The input named is the row whose hour closed the ones before. */
export function particleIndices(hours: ParticleHours, inputs: readonly string[]): Derived[] {
  const worst = (values: readonly (number | undefined)[]): number | undefined => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  };
  const us = (pollutant: 'pm2_5_24h_ugm3' | 'pm10_24h_ugm3', ugM3: number | undefined): number | undefined => {
    const index = ugM3 === undefined ? undefined : usAqi(pollutant, ugM3);
    return index?.kind === 'index' ? index.index : undefined;
  };
  const eu = (pollutant: 'pm2_5' | 'pm10', ugM3: number | undefined): number | undefined =>
    ugM3 === undefined ? undefined : europeanAqi(pollutant, ugM3, '2024')?.level;
  const uk = (pollutant: 'pm2_5' | 'pm10', ugM3: number | undefined): number | undefined =>
    ugM3 === undefined ? undefined : ukDaqi(pollutant, ugM3)?.index;
  const indices = [
    ['aqi_us', 'us-epa-2024-nowcast', worst([us('pm2_5_24h_ugm3', nowCast(hours.pm2_5)), us('pm10_24h_ugm3', nowCast(hours.pm10))])],
    ['aqi_eu', 'eea-2024-hourly', worst([eu('pm2_5', hours.pm2_5[0]), eu('pm10', hours.pm10[0])])],
    ['aqi_uk', 'defra-2013-24h', worst([uk('pm2_5', dayMean(hours.pm2_5)), uk('pm10', dayMean(hours.pm10))])],
  ] as const;
  return indices.flatMap(([quantity, algorithm, value]) =>
    value === undefined ? [] : [{ quantity, value, algorithm, version: '1', inputs }],
  );
}

function dayMean(hours: readonly (number | undefined)[]): number | undefined {
  const known = hours.slice(0, DAY_HOURS).filter((value) => value !== undefined);
  return known.length < LEAST_DAY_HOURS ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}
