/**
 * Environment: temperature, humidity, pressure, air quality, light, wind.
 *
 * Source: Bluetooth GATT Specification Supplement and the Environmental Sensing Service 1.0. Gas concentrations in kg/m3 and
 * particles are SFLOATs by the supplement.
 */
import type { Characteristic } from './layout.ts';
import { number, row, single, words } from './rows.ts';

const MASS = { unit: 'kg/m3' } as const;

// biome-ignore format: a table reads by columns
export const environment: readonly Characteristic[] = [
  single('2a6e', 'Temperature', 'sint16', { per: 100, unit: 'Cel', unknown: [-0x8000] }, 'temperature'),
  single('2b0d', 'Temperature 8', 'sint8', { per: 2, unit: 'Cel', unknown: [0x7f] }, 'temperature'),
  single('2a6f', 'Humidity', 'uint16', { per: 100, unit: '%', unknown: [0xffff] }, 'humidity'),
  single('2c1b', 'Humidity 8', 'uint8', { per: 2, unit: '%', unknown: [0xff] }, 'humidity'),
  single('2a6d', 'Pressure', 'uint32', { per: 10, unit: 'Pa' }, 'pressure'),
  single('2aa3', 'Barometric Pressure Trend', 'uint8', { names: words('unknown', 'continuously falling', 'continuously rising', 'falling then steady', 'rising then steady', 'falling before lesser rise', 'falling before greater rise', 'rising before greater fall', 'rising before lesser fall', 'steady') }),
  single('2a6c', 'Elevation', 'sint24', { per: 100, unit: 'm', unknown: [-0x80_0000] }),
  single('2a7b', 'Dew Point', 'sint8', { unit: 'Cel', unknown: [-0x80] }, 'dew_point'),
  single('2a7a', 'Heat Index', 'sint8', { unit: 'Cel', unknown: [-0x80] }),
  single('2a79', 'Wind Chill', 'sint8', { unit: 'Cel', unknown: [-0x80] }),
  single('2a76', 'UV Index', 'uint8', { unit: '1', unknown: [0xff] }, 'uv_index'),
  single('2a77', 'Irradiance', 'uint16', { per: 10, unit: 'W/m2' }),
  single('2a78', 'Rainfall', 'uint16', { unit: 'mm' }),
  single('2a74', 'Gust Factor', 'uint8', { per: 10, unit: '1' }),
  single('2a75', 'Pollen Concentration', 'uint24', { unit: '/m3' }),
  single('2a72', 'Apparent Wind Speed', 'uint16', { per: 100, unit: 'm/s' }),
  single('2a73', 'Apparent Wind Direction', 'uint16', { per: 100, unit: 'deg' }),
  single('2a70', 'True Wind Speed', 'uint16', { per: 100, unit: 'm/s' }),
  single('2a71', 'True Wind Direction', 'uint16', { per: 100, unit: 'deg' }),
  single('2a2c', 'Magnetic Declination', 'uint16', { per: 100, unit: 'deg' }),
  row('2aa0', 'Magnetic Flux Density - 2D', [number('x', 'sint16', { per: 1e7, unit: 'T' }), number('y', 'sint16', { per: 1e7, unit: 'T' })]),
  row('2aa1', 'Magnetic Flux Density - 3D', [number('x', 'sint16', { per: 1e7, unit: 'T' }), number('y', 'sint16', { per: 1e7, unit: 'T' }), number('z', 'sint16', { per: 1e7, unit: 'T' })]),
  single('2afb', 'Illuminance', 'uint24', { per: 100, unit: 'lx', unknown: [0xff_ffff] }, 'illuminance'),
  single('2b8c', 'CO2 Concentration', 'uint16', { unit: '[ppm]', unknown: [0xffff] }, 'co2'),
  single('2be7', 'VOC Concentration', 'uint16', { unit: '[ppb]', unknown: [0xffff] }, 'tvoc'),
  single('2bd3', 'Non-Methane Volatile Organic Compounds Concentration', 'sfloat', MASS, 'tvoc_mass'),
  single('2bd5', 'Particulate Matter - PM1 Concentration', 'sfloat', MASS, 'pm1'),
  single('2bd6', 'Particulate Matter - PM2.5 Concentration', 'sfloat', MASS, 'pm2_5'),
  single('2bd7', 'Particulate Matter - PM10 Concentration', 'sfloat', MASS, 'pm10'),
  single('2bcf', 'Ammonia Concentration', 'sfloat', MASS),
  single('2bd0', 'Carbon Monoxide Concentration', 'sfloat', MASS),
  single('2bd1', 'Methane Concentration', 'sfloat', MASS),
  single('2bd2', 'Nitrogen Dioxide Concentration', 'sfloat', MASS),
  single('2bd4', 'Ozone Concentration', 'sfloat', MASS),
  single('2bd8', 'Sulfur Dioxide Concentration', 'sfloat', MASS),
  single('2bd9', 'Sulfur Hexafluoride Concentration', 'sfloat', MASS),
  single('2be4', 'Noise', 'uint8', { unit: 'dB', unknown: [0xff] }, 'noise'),
  single('2ae2', 'Boolean', 'uint8', { names: words('false', 'true') }),
  single('2a56', 'Digital', 'uint8'),
  row('2a7d', 'Descriptor Value Changed', [number('flags', 'uint16'), { name: 'uuid', type: 'bytes' }]),
  row('290d', 'Environmental Sensing Trigger Setting', [number('condition', 'uint8'), { name: 'operand', type: 'bytes' }]),
];
