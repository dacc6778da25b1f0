/**
 * What Home Assistant is told of a value by MQTT discovery, from the quantity table.
 *
 * Source: Home Assistant's documentation of the MQTT sensor (https://www.home-assistant.io/integrations/sensor.mqtt/: `default_entity_id` in
 * place of `object_id`, which 2025.10 gave up) and of the sensor entity (device classes with the units and state classes that each allows).
 */
import { type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import type { StoredMeasurement } from '../../store/log-entry.ts';

/**
 * Device classes, where Home Assistant has one that fits quantity and unit. Energy of a body is left out: that class allows only counters
 * that go on, and this is what a span took.
 */
const deviceClasses: Partial<Record<QuantityId, string>> = {
  weight: 'weight',
  fat_mass: 'weight',
  fat_free_mass: 'weight',
  water_mass: 'weight',
  muscle_mass: 'weight',
  bone_mass: 'weight',
  object_mass: 'weight',
  height: 'distance',
  distance: 'distance',
  object_distance: 'distance',
  liquid_level: 'distance',
  systolic: 'pressure',
  diastolic: 'pressure',
  mean_pressure: 'pressure',
  tyre_pressure: 'pressure',
  body_temperature: 'temperature',
  skin_temperature: 'temperature',
  temperature: 'temperature',
  dew_point: 'temperature',
  chip_temperature: 'temperature',
  humidity: 'humidity',
  soil_moisture: 'moisture',
  soil_conductivity: 'conductivity',
  co2: 'carbon_dioxide',
  pressure: 'atmospheric_pressure',
  tvoc: 'volatile_organic_compounds_parts',
  tvoc_mass: 'volatile_organic_compounds',
  pm1: 'pm1',
  pm2_5: 'pm25',
  pm10: 'pm10',
  aqi_us: 'aqi',
  aqi_eu: 'aqi',
  aqi_uk: 'aqi',
  illuminance: 'illuminance',
  noise: 'sound_pressure',
  precipitation: 'precipitation',
  volume_flow: 'volume_flow_rate',
  energy: 'energy',
  gas_volume: 'gas',
  water_volume: 'water',
  battery: 'battery',
  battery_voltage: 'voltage',
  voltage: 'voltage',
  current: 'current',
  power: 'power',
  signal_strength: 'signal_strength',
  sleep_duration: 'duration',
  sleep_light: 'duration',
  sleep_deep: 'duration',
  sleep_rem: 'duration',
  sleep_awake: 'duration',
  sleep_latency: 'duration',
  rr_interval: 'duration',
  brushing_time: 'duration',
  duration: 'duration',
  uptime: 'duration',
  speed: 'speed',
  pulse_wave_velocity: 'speed',
};
/** Meters that only go up, which their classes demand; everything else is a measurement. */
const meters: readonly string[] = ['energy', 'gas', 'water'];
/** UCUM codes as Home Assistant writes them; others are the same. */
const units: Readonly<Record<string, string>> = {
  Cel: '°C',
  '[ppm]': 'ppm',
  '[ppb]': 'ppb',
  'ug/m3': 'µg/m³',
  'g/m3': 'g/m³',
  'Bq/m3': 'Bq/m³',
  'kg/m2': 'kg/m²',
  'mm[Hg]': 'mmHg',
  'dB[mW]': 'dBm',
  'uS/cm': 'µS/cm',
  'kW.h': 'kWh',
  'm3/h': 'm³/h',
  m3: 'm³',
  deg: '°',
  '[g]': 'g',
  Ohm: 'Ω',
};

/** The unit as Home Assistant writes it; undefined for a plain number. */
export function unitOf(ucum: string): string | undefined {
  if (ucum === '1') return undefined;
  const known = units[ucum];
  if (known !== undefined) return known;
  return ucum.startsWith('/') ? `1${ucum}` : ucum.replaceAll(/[{}]/g, '');
}

export interface Discovery {
  readonly configTopic: string;
  readonly stateTopic: string;
  readonly attributesTopic: string;
  readonly config: string;
}

/** An MQTT topic level: letters, digits, hyphen, underscore (discovery allows no others). */
const level = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]/g, '_');
/** An entity id of Home Assistant: lower-case letters, digits, underscore. */
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '');

export function discoveryOf(
  { subject, device, quantity }: Pick<StoredMeasurement, 'subject' | 'device' | 'quantity'>,
  prefix: string,
): Discovery {
  const { label, unit, decimals, category } = quantities[quantity];
  const object = `${level(subject)}_${level(device)}_${quantity}`;
  const base = `${prefix}/${level(subject)}/${level(device)}/${quantity}`;
  const deviceClass = deviceClasses[quantity];
  const haUnit = unitOf(unit);
  const config = {
    name: label,
    unique_id: `${prefix}_${object}`,
    default_entity_id: `sensor.${slug(`${prefix}_${object}`)}`,
    state_topic: base,
    json_attributes_topic: `${base}/attributes`,
    availability_topic: `${prefix}/status`,
    state_class: deviceClass !== undefined && meters.includes(deviceClass) ? 'total_increasing' : 'measurement',
    suggested_display_precision: decimals,
    ...(deviceClass === undefined ? {} : { device_class: deviceClass }),
    ...(category === 'technical' ? { entity_category: 'diagnostic' } : {}),
    ...(haUnit === undefined ? {} : { unit_of_measurement: haUnit }),
    device: {
      identifiers: [`${prefix}_${level(subject)}_${level(device)}`],
      name: `${device} (${subject})`,
      manufacturer: 'Hearth',
    },
    origin: { name: 'Hearth' },
  };
  return {
    configTopic: `homeassistant/sensor/${prefix}/${object}/config`,
    stateTopic: base,
    attributesTopic: `${base}/attributes`,
    config: JSON.stringify(config),
  };
}

/** Everything of a subject lies below this topic. */
export const subjectTopic = (prefix: string, subject: string): string => `${prefix}/${level(subject)}`;
/** The discovery topic that belongs to a state topic below `prefix`. */
export function configTopicOf(prefix: string, stateTopic: string): string {
  const [subject, device, quantity] = stateTopic.slice(prefix.length + 1).split('/');
  return `homeassistant/sensor/${prefix}/${subject}_${device}_${quantity}/config`;
}
