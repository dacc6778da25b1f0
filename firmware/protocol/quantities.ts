/**
 * The quantity table: everything that Hearth can measure, one row each.
 *
 * A row says all that the rest of the tree needs: the wire code, the unit (UCUM), the category by which consent, sharing,
 * export, residency and erasure select, the LOINC code and the measure type of the Withings API where one exists, the
 * bounds outside which a value is implausible, whether it is read or computed, and how several values combine over time.
 *
 * Sources: UCUM 2.1 (units), LOINC 2.77 (codes), the public Withings API reference (`meastype` of `Measure - Getmeas`).
 * Bounds are wide physical or physiological limits, not what is healthy: a value outside is kept but never shown as true.
 *
 * To add a quantity, add a row with the next free `code`. A code is never reused: it is on wires, on disks and at edges.
 */

/** The five categories of the policy. Every value carries exactly one (promise A1). */
export const categories = ['identity', 'body', 'activity', 'environment', 'technical'] as const;
export type Category = (typeof categories)[number];

/** How values of one quantity combine into one value of a longer span. */
export type Combine = 'mean' | 'sum' | 'last';

interface Row {
  /** Number on the wire and at rest; never reused. */
  readonly code: number;
  /** What a household calls it. */
  readonly label: string;
  /** UCUM code, case sensitive. */
  readonly unit: string;
  readonly category: Category;
  /** `raw`: read from a sensor; `processed`: computed, so it names its algorithm (promise A4). */
  readonly origin: 'raw' | 'processed';
  readonly min: number;
  readonly max: number;
  /** Digits after the point that mean something to a reader. */
  readonly decimals: number;
  readonly combine: Combine;
  readonly loinc?: string;
  readonly withings?: number;
}

// biome-ignore format: a table reads by columns, one row a line
const table = {
  // Body: mass and composition
  weight: { code: 1, label: 'Weight', unit: 'kg', category: 'body', origin: 'processed', min: 0.5, max: 500, decimals: 2, combine: 'mean', loinc: '29463-7', withings: 1 },
  height: { code: 2, label: 'Height', unit: 'm', category: 'body', origin: 'raw', min: 0.2, max: 2.8, decimals: 2, combine: 'last', loinc: '8302-2', withings: 4 },
  bmi: { code: 3, label: 'Body mass index', unit: 'kg/m2', category: 'body', origin: 'processed', min: 5, max: 150, decimals: 1, combine: 'mean', loinc: '39156-5' },
  fat_mass: { code: 4, label: 'Fat mass', unit: 'kg', category: 'body', origin: 'processed', min: 0, max: 300, decimals: 2, combine: 'mean', loinc: '73708-0', withings: 8 },
  fat_ratio: { code: 5, label: 'Fat ratio', unit: '%', category: 'body', origin: 'processed', min: 1, max: 80, decimals: 1, combine: 'mean', loinc: '41982-0', withings: 6 },
  fat_free_mass: { code: 6, label: 'Fat-free mass', unit: 'kg', category: 'body', origin: 'processed', min: 0.5, max: 250, decimals: 2, combine: 'mean', withings: 5 },
  water_mass: { code: 7, label: 'Body water', unit: 'kg', category: 'body', origin: 'processed', min: 0.1, max: 200, decimals: 2, combine: 'mean', withings: 77 },
  water_ratio: { code: 8, label: 'Body water ratio', unit: '%', category: 'body', origin: 'processed', min: 10, max: 90, decimals: 1, combine: 'mean' },
  muscle_mass: { code: 9, label: 'Muscle mass', unit: 'kg', category: 'body', origin: 'processed', min: 0.1, max: 200, decimals: 2, combine: 'mean', loinc: '73964-9', withings: 76 },
  muscle_ratio: { code: 10, label: 'Muscle ratio', unit: '%', category: 'body', origin: 'processed', min: 5, max: 95, decimals: 1, combine: 'mean' },
  bone_mass: { code: 11, label: 'Bone mass', unit: 'kg', category: 'body', origin: 'processed', min: 0.05, max: 20, decimals: 2, combine: 'mean', withings: 88 },
  visceral_fat: { code: 12, label: 'Visceral fat rating', unit: '1', category: 'body', origin: 'processed', min: 0, max: 60, decimals: 1, combine: 'mean', withings: 170 },
  protein_ratio: { code: 13, label: 'Protein ratio', unit: '%', category: 'body', origin: 'processed', min: 1, max: 50, decimals: 1, combine: 'mean' },
  basal_metabolism: { code: 14, label: 'Basal metabolic rate', unit: 'kcal/d', category: 'body', origin: 'processed', min: 200, max: 6000, decimals: 0, combine: 'mean' },
  metabolic_age: { code: 15, label: 'Metabolic age', unit: 'a', category: 'body', origin: 'processed', min: 1, max: 130, decimals: 0, combine: 'last' },
  impedance: { code: 16, label: 'Impedance', unit: 'Ohm', category: 'body', origin: 'raw', min: 50, max: 3000, decimals: 0, combine: 'mean' },
  impedance_low: { code: 17, label: 'Impedance, low frequency', unit: 'Ohm', category: 'body', origin: 'raw', min: 50, max: 3000, decimals: 0, combine: 'mean' },
  weight_uncertainty: { code: 19, label: 'Uncertainty of the weight', unit: 'kg', category: 'body', origin: 'processed', min: 0, max: 100, decimals: 2, combine: 'mean' },
  impedance_high: { code: 18, label: 'Impedance, high frequency', unit: 'Ohm', category: 'body', origin: 'raw', min: 50, max: 3000, decimals: 0, combine: 'mean' },

  // Body: vital signs
  heart_rate: { code: 32, label: 'Heart rate', unit: '/min', category: 'body', origin: 'processed', min: 20, max: 260, decimals: 0, combine: 'mean', loinc: '8867-4', withings: 11 },
  rr_interval: { code: 33, label: 'Beat-to-beat interval', unit: 'ms', category: 'body', origin: 'processed', min: 200, max: 3000, decimals: 0, combine: 'mean' },
  respiration_rate: { code: 34, label: 'Respiration rate', unit: '/min', category: 'body', origin: 'processed', min: 2, max: 80, decimals: 1, combine: 'mean', loinc: '9279-1' },
  spo2: { code: 35, label: 'Blood oxygen', unit: '%', category: 'body', origin: 'processed', min: 40, max: 100, decimals: 0, combine: 'mean', loinc: '59408-5', withings: 54 },
  perfusion_index: { code: 36, label: 'Perfusion index', unit: '%', category: 'body', origin: 'processed', min: 0, max: 30, decimals: 1, combine: 'mean' },
  systolic: { code: 37, label: 'Systolic blood pressure', unit: 'mm[Hg]', category: 'body', origin: 'processed', min: 40, max: 300, decimals: 0, combine: 'mean', loinc: '8480-6', withings: 10 },
  diastolic: { code: 38, label: 'Diastolic blood pressure', unit: 'mm[Hg]', category: 'body', origin: 'processed', min: 20, max: 220, decimals: 0, combine: 'mean', loinc: '8462-4', withings: 9 },
  mean_pressure: { code: 39, label: 'Mean blood pressure', unit: 'mm[Hg]', category: 'body', origin: 'processed', min: 25, max: 260, decimals: 0, combine: 'mean', loinc: '8478-0' },
  body_temperature: { code: 40, label: 'Body temperature', unit: 'Cel', category: 'body', origin: 'raw', min: 25, max: 45, decimals: 1, combine: 'mean', loinc: '8310-5', withings: 71 },
  skin_temperature: { code: 41, label: 'Skin temperature', unit: 'Cel', category: 'body', origin: 'raw', min: 5, max: 45, decimals: 1, combine: 'mean', withings: 73 },
  pulse_wave_velocity: { code: 42, label: 'Pulse wave velocity', unit: 'm/s', category: 'body', origin: 'processed', min: 1, max: 40, decimals: 1, combine: 'mean', withings: 91 },

  // Activity and sleep
  steps: { code: 64, label: 'Steps', unit: '{step}', category: 'activity', origin: 'processed', min: 0, max: 200_000, decimals: 0, combine: 'sum', loinc: '55423-8' },
  distance: { code: 65, label: 'Distance', unit: 'm', category: 'activity', origin: 'processed', min: 0, max: 500_000, decimals: 0, combine: 'sum', loinc: '55430-3' },
  active_energy: { code: 66, label: 'Active energy', unit: 'kcal', category: 'activity', origin: 'processed', min: 0, max: 20_000, decimals: 0, combine: 'sum', loinc: '55424-6' },
  activity_counts: { code: 67, label: 'Activity counts', unit: '{count}', category: 'activity', origin: 'processed', min: 0, max: 1_000_000, decimals: 0, combine: 'sum' },
  cadence: { code: 68, label: 'Cadence', unit: '{step}/min', category: 'activity', origin: 'processed', min: 0, max: 400, decimals: 0, combine: 'mean' },
  speed: { code: 69, label: 'Speed', unit: 'm/s', category: 'activity', origin: 'processed', min: 0, max: 20, decimals: 2, combine: 'mean' },
  movement: { code: 70, label: 'Movement in bed', unit: '1', category: 'activity', origin: 'processed', min: 0, max: 1, decimals: 2, combine: 'mean' },
  bed_occupied: { code: 71, label: 'In bed', unit: '1', category: 'activity', origin: 'processed', min: 0, max: 1, decimals: 0, combine: 'last' },
  sleep_stage: { code: 72, label: 'Sleep stage', unit: '{stage}', category: 'activity', origin: 'processed', min: 0, max: 4, decimals: 0, combine: 'last' },
  sleep_duration: { code: 73, label: 'Time asleep', unit: 's', category: 'activity', origin: 'processed', min: 0, max: 172_800, decimals: 0, combine: 'sum', loinc: '93832-4' },
  sleep_light: { code: 74, label: 'Light sleep', unit: 's', category: 'activity', origin: 'processed', min: 0, max: 172_800, decimals: 0, combine: 'sum', loinc: '93830-8' },
  sleep_deep: { code: 75, label: 'Deep sleep', unit: 's', category: 'activity', origin: 'processed', min: 0, max: 172_800, decimals: 0, combine: 'sum', loinc: '93831-6' },
  sleep_rem: { code: 76, label: 'REM sleep', unit: 's', category: 'activity', origin: 'processed', min: 0, max: 172_800, decimals: 0, combine: 'sum', loinc: '93829-0' },
  sleep_awake: { code: 77, label: 'Awake in bed', unit: 's', category: 'activity', origin: 'processed', min: 0, max: 172_800, decimals: 0, combine: 'sum' },
  sleep_latency: { code: 78, label: 'Time to fall asleep', unit: 's', category: 'activity', origin: 'processed', min: 0, max: 86_400, decimals: 0, combine: 'mean' },
  sleep_efficiency: { code: 79, label: 'Sleep efficiency', unit: '%', category: 'activity', origin: 'processed', min: 0, max: 100, decimals: 0, combine: 'mean' },
  acceleration: { code: 80, label: 'Acceleration', unit: '[g]', category: 'activity', origin: 'raw', min: -32, max: 32, decimals: 3, combine: 'mean' },
  brushing_time: { code: 81, label: 'Brushing time', unit: 's', category: 'activity', origin: 'raw', min: 0, max: 3600, decimals: 0, combine: 'last' },
  brushing_score: { code: 82, label: 'Brushing score', unit: '1', category: 'activity', origin: 'processed', min: 0, max: 100, decimals: 0, combine: 'last' },

  // Environment
  co2: { code: 96, label: 'CO2', unit: '[ppm]', category: 'environment', origin: 'raw', min: 200, max: 40_000, decimals: 0, combine: 'mean' },
  temperature: { code: 97, label: 'Temperature', unit: 'Cel', category: 'environment', origin: 'raw', min: -60, max: 120, decimals: 1, combine: 'mean', withings: 12 },
  humidity: { code: 98, label: 'Humidity', unit: '%', category: 'environment', origin: 'raw', min: 0, max: 100, decimals: 0, combine: 'mean' },
  pressure: { code: 99, label: 'Air pressure', unit: 'hPa', category: 'environment', origin: 'raw', min: 300, max: 1200, decimals: 1, combine: 'mean' },
  voc_index: { code: 100, label: 'VOC index', unit: '1', category: 'environment', origin: 'processed', min: 1, max: 500, decimals: 0, combine: 'mean' },
  nox_index: { code: 101, label: 'NOx index', unit: '1', category: 'environment', origin: 'processed', min: 1, max: 500, decimals: 0, combine: 'mean' },
  tvoc: { code: 102, label: 'Volatile organic compounds', unit: '[ppb]', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 0, combine: 'mean' },
  tvoc_mass: { code: 103, label: 'Volatile organic compounds, mass', unit: 'ug/m3', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 0, combine: 'mean' },
  pm1: { code: 104, label: 'PM1', unit: 'ug/m3', category: 'environment', origin: 'raw', min: 0, max: 5000, decimals: 1, combine: 'mean' },
  pm2_5: { code: 105, label: 'PM2.5', unit: 'ug/m3', category: 'environment', origin: 'raw', min: 0, max: 5000, decimals: 1, combine: 'mean' },
  pm4: { code: 106, label: 'PM4', unit: 'ug/m3', category: 'environment', origin: 'raw', min: 0, max: 5000, decimals: 1, combine: 'mean' },
  pm10: { code: 107, label: 'PM10', unit: 'ug/m3', category: 'environment', origin: 'raw', min: 0, max: 5000, decimals: 1, combine: 'mean' },
  illuminance: { code: 108, label: 'Light', unit: 'lx', category: 'environment', origin: 'raw', min: 0, max: 200_000, decimals: 0, combine: 'mean' },
  noise: { code: 109, label: 'Noise', unit: 'dB', category: 'environment', origin: 'raw', min: 0, max: 150, decimals: 0, combine: 'mean' },
  radon: { code: 110, label: 'Radon', unit: 'Bq/m3', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 0, combine: 'mean' },
  formaldehyde: { code: 111, label: 'Formaldehyde', unit: '[ppb]', category: 'environment', origin: 'raw', min: 0, max: 20_000, decimals: 0, combine: 'mean' },
  dew_point: { code: 112, label: 'Dew point', unit: 'Cel', category: 'environment', origin: 'processed', min: -80, max: 80, decimals: 1, combine: 'mean' },
  absolute_humidity: { code: 113, label: 'Absolute humidity', unit: 'g/m3', category: 'environment', origin: 'processed', min: 0, max: 300, decimals: 1, combine: 'mean' },
  soil_moisture: { code: 114, label: 'Soil moisture', unit: '%', category: 'environment', origin: 'raw', min: 0, max: 100, decimals: 0, combine: 'mean' },
  soil_conductivity: { code: 115, label: 'Soil conductivity', unit: 'uS/cm', category: 'environment', origin: 'raw', min: 0, max: 20_000, decimals: 0, combine: 'mean' },
  motion: { code: 116, label: 'Motion', unit: '1', category: 'environment', origin: 'raw', min: 0, max: 1, decimals: 0, combine: 'last' },
  opening: { code: 117, label: 'Open', unit: '1', category: 'environment', origin: 'raw', min: 0, max: 1, decimals: 0, combine: 'last' },
  uv_index: { code: 118, label: 'UV index', unit: '1', category: 'environment', origin: 'raw', min: 0, max: 25, decimals: 1, combine: 'mean' },
  aqi_us: { code: 119, label: 'Air quality index (US EPA)', unit: '1', category: 'environment', origin: 'processed', min: 0, max: 999, decimals: 0, combine: 'mean' },
  aqi_eu: { code: 120, label: 'Air quality index (European)', unit: '1', category: 'environment', origin: 'processed', min: 1, max: 6, decimals: 0, combine: 'mean' },
  aqi_uk: { code: 121, label: 'Air quality index (UK)', unit: '1', category: 'environment', origin: 'processed', min: 1, max: 10, decimals: 0, combine: 'mean' },
  power: { code: 122, label: 'Power', unit: 'W', category: 'environment', origin: 'raw', min: -100_000, max: 100_000, decimals: 1, combine: 'mean' },
  energy: { code: 123, label: 'Energy', unit: 'kW.h', category: 'environment', origin: 'raw', min: 0, max: 1e7, decimals: 3, combine: 'last' },
  current: { code: 124, label: 'Electric current', unit: 'A', category: 'environment', origin: 'raw', min: -1000, max: 1000, decimals: 3, combine: 'mean' },
  voltage: { code: 125, label: 'Voltage', unit: 'V', category: 'environment', origin: 'raw', min: -1000, max: 1000, decimals: 1, combine: 'mean' },
  volume: { code: 126, label: 'Volume', unit: 'L', category: 'environment', origin: 'raw', min: 0, max: 5e6, decimals: 3, combine: 'last' },
  water_volume: { code: 127, label: 'Water used', unit: 'L', category: 'environment', origin: 'raw', min: 0, max: 5e9, decimals: 3, combine: 'last' },
  gas_volume: { code: 128, label: 'Gas used', unit: 'm3', category: 'environment', origin: 'raw', min: 0, max: 5e6, decimals: 3, combine: 'last' },
  volume_flow: { code: 129, label: 'Flow', unit: 'm3/h', category: 'environment', origin: 'raw', min: 0, max: 100, decimals: 3, combine: 'mean' },
  fill_level: { code: 130, label: 'Fill level', unit: '%', category: 'environment', origin: 'raw', min: 0, max: 100, decimals: 0, combine: 'mean' },
  liquid_level: { code: 131, label: 'Liquid level', unit: 'm', category: 'environment', origin: 'raw', min: -1, max: 100, decimals: 3, combine: 'mean' },
  object_distance: { code: 132, label: 'Distance to an object', unit: 'm', category: 'environment', origin: 'raw', min: 0, max: 10_000, decimals: 3, combine: 'mean' },
  angle: { code: 133, label: 'Angle', unit: 'deg', category: 'environment', origin: 'raw', min: -3600, max: 3600, decimals: 1, combine: 'last' },
  angular_rate: { code: 134, label: 'Rate of turn', unit: 'deg/s', category: 'environment', origin: 'raw', min: -4000, max: 4000, decimals: 1, combine: 'mean' },
  rotation_speed: { code: 135, label: 'Rotations', unit: '/min', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 0, combine: 'mean' },
  precipitation: { code: 136, label: 'Rain', unit: 'mm', category: 'environment', origin: 'raw', min: 0, max: 10_000, decimals: 1, combine: 'last' },
  radiation_dose_rate: { code: 137, label: 'Radiation dose rate', unit: 'uSv/h', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 2, combine: 'mean' },
  radiation_dose: { code: 138, label: 'Radiation dose', unit: 'mSv', category: 'environment', origin: 'raw', min: 0, max: 1e6, decimals: 4, combine: 'last' },
  formaldehyde_mass: { code: 139, label: 'Formaldehyde, mass', unit: 'ug/m3', category: 'environment', origin: 'raw', min: 0, max: 20_000, decimals: 0, combine: 'mean' },
  air_quality_rating: { code: 140, label: 'Air quality, as the device rates it', unit: '1', category: 'environment', origin: 'processed', min: 0, max: 1000, decimals: 0, combine: 'mean' },
  specific_gravity: { code: 141, label: 'Specific gravity', unit: '1', category: 'environment', origin: 'raw', min: 0.9, max: 1.3, decimals: 4, combine: 'mean' },
  tyre_pressure: { code: 142, label: 'Tyre pressure', unit: 'kPa', category: 'environment', origin: 'raw', min: 0, max: 2000, decimals: 1, combine: 'mean' },
  count: { code: 143, label: 'Count', unit: '{count}', category: 'environment', origin: 'raw', min: -2_147_483_648, max: 4_294_967_295, decimals: 0, combine: 'last' },
  duration: { code: 144, label: 'Duration', unit: 's', category: 'environment', origin: 'raw', min: 0, max: 5e9, decimals: 1, combine: 'last' },
  object_mass: { code: 145, label: 'Mass of an object', unit: 'kg', category: 'environment', origin: 'raw', min: -100, max: 1000, decimals: 3, combine: 'mean' },
  occupancy: { code: 146, label: 'Presence', unit: '1', category: 'environment', origin: 'raw', min: 0, max: 1, decimals: 0, combine: 'last' },
  brightness: { code: 147, label: 'Brightness, relative', unit: '%', category: 'environment', origin: 'raw', min: 0, max: 100, decimals: 0, combine: 'mean' },
  particles_over_0_3: { code: 200, label: 'Particles over 0.3 um', unit: '/cm3', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 1, combine: 'mean' },
  particles_over_0_5: { code: 201, label: 'Particles over 0.5 um', unit: '/cm3', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 1, combine: 'mean' },
  particles_over_1: { code: 202, label: 'Particles over 1 um', unit: '/cm3', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 1, combine: 'mean' },
  particles_over_2_5: { code: 203, label: 'Particles over 2.5 um', unit: '/cm3', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 2, combine: 'mean' },
  particles_over_5: { code: 204, label: 'Particles over 5 um', unit: '/cm3', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 2, combine: 'mean' },
  particles_over_10: { code: 205, label: 'Particles over 10 um', unit: '/cm3', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 2, combine: 'mean' },
  particles_to_0_5: { code: 206, label: 'Particles of 0.3 to 0.5 um', unit: '/cm3', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 1, combine: 'mean' },
  particles_to_1: { code: 207, label: 'Particles of 0.3 to 1 um', unit: '/cm3', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 1, combine: 'mean' },
  particles_to_2_5: { code: 208, label: 'Particles of 0.3 to 2.5 um', unit: '/cm3', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 1, combine: 'mean' },
  particles_to_4: { code: 209, label: 'Particles of 0.3 to 4 um', unit: '/cm3', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 1, combine: 'mean' },
  particles_to_10: { code: 210, label: 'Particles of 0.3 to 10 um', unit: '/cm3', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 1, combine: 'mean' },
  particle_size: { code: 211, label: 'Typical particle size', unit: 'um', category: 'environment', origin: 'raw', min: 0, max: 100, decimals: 2, combine: 'mean' },
  pm100: { code: 212, label: 'Dust up to 100 um', unit: 'ug/m3', category: 'environment', origin: 'raw', min: 0, max: 100_000, decimals: 0, combine: 'mean' },
  iaq: { code: 213, label: 'Air quality index (Bosch)', unit: '1', category: 'environment', origin: 'raw', min: 0, max: 500, decimals: 0, combine: 'mean' },
  gas_resistance: { code: 214, label: 'Gas sensor, raw', unit: 'Ohm', category: 'technical', origin: 'raw', min: 0, max: 100_000_000, decimals: 0, combine: 'mean' },
  voc_ticks: { code: 215, label: 'VOC sensor, raw', unit: '{count}', category: 'technical', origin: 'raw', min: 0, max: 65_535, decimals: 0, combine: 'mean' },
  nox_ticks: { code: 216, label: 'NOx sensor, raw', unit: '{count}', category: 'technical', origin: 'raw', min: 0, max: 65_535, decimals: 0, combine: 'mean' },

  // Technical: how the devices themselves are
  battery: { code: 160, label: 'Battery', unit: '%', category: 'technical', origin: 'raw', min: 0, max: 100, decimals: 0, combine: 'last' },
  battery_voltage: { code: 161, label: 'Supply voltage', unit: 'V', category: 'technical', origin: 'raw', min: 0, max: 60, decimals: 2, combine: 'mean' },
  signal_strength: { code: 162, label: 'Signal strength', unit: 'dB[mW]', category: 'technical', origin: 'raw', min: -150, max: 30, decimals: 0, combine: 'mean' },
  uptime: { code: 163, label: 'Uptime', unit: 's', category: 'technical', origin: 'raw', min: 0, max: 4e9, decimals: 0, combine: 'last' },
  sample_rate: { code: 164, label: 'Sample rate', unit: 'Hz', category: 'technical', origin: 'raw', min: 0, max: 100_000, decimals: 1, combine: 'mean' },
  missed_samples: { code: 165, label: 'Missed samples', unit: '{sample}', category: 'technical', origin: 'raw', min: 0, max: 1e9, decimals: 0, combine: 'sum' },
  chip_temperature: { code: 166, label: 'Chip temperature', unit: 'Cel', category: 'technical', origin: 'raw', min: -60, max: 150, decimals: 1, combine: 'mean' },
  load_cell_counts: { code: 167, label: 'Load cell, raw', unit: '{count}', category: 'technical', origin: 'raw', min: -8_388_608, max: 8_388_607, decimals: 0, combine: 'mean' },
  noise_floor: { code: 168, label: 'Noise floor', unit: '{count}', category: 'technical', origin: 'processed', min: 0, max: 8_388_607, decimals: 0, combine: 'mean' },
  tx_power: { code: 169, label: 'Transmit power', unit: 'dB[mW]', category: 'technical', origin: 'raw', min: -130, max: 30, decimals: 0, combine: 'last' },
  movements: { code: 170, label: 'Movements counted', unit: '{count}', category: 'technical', origin: 'raw', min: 0, max: 4_294_967_295, decimals: 0, combine: 'last' },
  consumable: { code: 171, label: 'Consumable left', unit: '%', category: 'technical', origin: 'raw', min: 0, max: 100, decimals: 0, combine: 'last' },
  saturated_samples: { code: 172, label: 'Saturated samples', unit: '{sample}', category: 'technical', origin: 'raw', min: 0, max: 1e9, decimals: 0, combine: 'sum' },
  spoiled_samples: { code: 173, label: 'Spoiled on the way', unit: '{sample}', category: 'technical', origin: 'raw', min: 0, max: 1e9, decimals: 0, combine: 'sum' },
  undervoltage: { code: 174, label: 'Supply too low', unit: '1', category: 'technical', origin: 'raw', min: 0, max: 1, decimals: 0, combine: 'last' },
  load_cell_zero: { code: 175, label: 'Load cell, empty plate', unit: '{count}', category: 'technical', origin: 'processed', min: -8_388_608, max: 8_388_607, decimals: 0, combine: 'mean' },
  calibration_counts: { code: 176, label: 'Load cell, at rest to calibrate', unit: '{count}', category: 'technical', origin: 'processed', min: -8_388_608, max: 8_388_607, decimals: 1, combine: 'last' },
  calibration_version: { code: 177, label: 'Calibration in use', unit: '1', category: 'technical', origin: 'raw', min: 0, max: 1e6, decimals: 0, combine: 'last' },
  pm2_5_uncorrected: { code: 178, label: 'PM2.5, as the sensor said', unit: 'ug/m3', category: 'technical', origin: 'raw', min: 0, max: 5000, decimals: 1, combine: 'mean' },
  pm10_uncorrected: { code: 179, label: 'PM10, as the sensor said', unit: 'ug/m3', category: 'technical', origin: 'raw', min: 0, max: 5000, decimals: 1, combine: 'mean' },
  co2_uncorrected: { code: 180, label: 'Carbon dioxide, as the sensor said', unit: '[ppm]', category: 'technical', origin: 'raw', min: 200, max: 40_000, decimals: 0, combine: 'mean' },
  temperature_uncorrected: { code: 181, label: 'Temperature, as the sensor said', unit: 'Cel', category: 'technical', origin: 'raw', min: -60, max: 120, decimals: 1, combine: 'mean' },
  humidity_uncorrected: { code: 182, label: 'Humidity, as the sensor said', unit: '%', category: 'technical', origin: 'raw', min: 0, max: 100, decimals: 0, combine: 'mean' },
  pressure_uncorrected: { code: 183, label: 'Air pressure, as the sensor said', unit: 'hPa', category: 'technical', origin: 'raw', min: 300, max: 1200, decimals: 1, combine: 'mean' },
} as const satisfies Record<string, Row>;

export type QuantityId = keyof typeof table;

export interface Quantity extends Row {
  readonly id: QuantityId;
}

/** Every quantity by its id. */
export const quantities: Readonly<Record<QuantityId, Quantity>> = Object.freeze(
  Object.fromEntries(Object.entries(table).map(([id, row]) => [id, Object.freeze({ id, ...row })])) as Record<QuantityId, Quantity>,
);

const byCode = new Map<number, Quantity>(Object.values(quantities).map((quantity) => [quantity.code, quantity]));

/** What the body consists of: never read, but computed from weight, impedance and who somebody is. */
export const compositionQuantities: readonly QuantityId[] = [
  'bmi',
  'fat_mass',
  'fat_ratio',
  'fat_free_mass',
  'water_mass',
  'water_ratio',
  'muscle_mass',
  'muscle_ratio',
  'bone_mass',
  'visceral_fat',
  'protein_ratio',
  'basal_metabolism',
  'metabolic_age',
];

/** The quantity of a wire code, or undefined for a code of a newer device. */
export function quantityOfCode(code: number): Quantity | undefined {
  return byCode.get(code);
}

export function isQuantityId(id: string): id is QuantityId {
  return Object.hasOwn(table, id);
}

/** Whether a value lies within the quantity's physical bounds; NaN and infinities never do. */
export function isPlausible(id: QuantityId, value: number): boolean {
  const { min, max } = table[id];
  return value >= min && value <= max;
}
