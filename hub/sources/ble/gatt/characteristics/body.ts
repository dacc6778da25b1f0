/**
 * Body: weight, composition, heart, blood pressure, temperature, oxygen.
 *
 * Source: Bluetooth GATT Specification Supplement (GSS) and Assigned Numbers; the Weight Scale (WSS 1.0), Body Composition
 * (BCS 1.0), Heart Rate (HRS 1.0), Blood Pressure (BLS 1.1), Health Thermometer (HTS 1.0), Pulse Oximeter (PLXS 1.0) and
 * Glucose (GLS 1.0) services.
 */
import type { Characteristic } from './layout.ts';
import { bit, bitNames, number, other, row, single, words } from './rows.ts';

const UNKNOWN_16 = { unknown: [0xffff] };
const KG_OR_LB = { per: 200, unit: 'kg', instead: { bit: 0, per: 100, unit: '[lb_av]' } } as const;
const M_OR_IN = { per: 1000, unit: 'm', instead: { bit: 0, per: 10, unit: '[in_i]' } } as const;
/** 0xFF is a person whom the scale does not know. */
const USER = { unknown: [0xff] };
const MMHG_OR_KPA = { unit: 'mm[Hg]', instead: { bit: 0, unit: 'kPa' } } as const;
const MASS_STEPS = [
  'not specified',
  '0.5 kg or 1 lb',
  '0.2 kg or 0.5 lb',
  '0.1 kg or 0.2 lb',
  '0.05 kg or 0.1 lb',
  '0.02 kg or 0.05 lb',
  '0.01 kg or 0.02 lb',
  '0.005 kg or 0.01 lb',
];
const HEIGHT_STEPS = ['not specified', '0.01 m or 1 in', '0.005 m or 0.5 in', '0.001 m or 0.1 in'];

const cuffStatus = [
  ...bitNames('bodyMovement', 'cuffTooLoose', 'irregularPulse'),
  { name: 'pulseRate', start: 3, width: 2, names: ['in range', 'above upper limit', 'below lower limit'] },
  { name: 'improperPosition', start: 5 },
];
const pressures = [
  number('systolic', 'sfloat', MMHG_OR_KPA),
  number('diastolic', 'sfloat', MMHG_OR_KPA),
  number('meanArterialPressure', 'sfloat', MMHG_OR_KPA),
  other('timestamp', 'dateTime', bit(1)),
  number('pulseRate', 'sfloat', { when: bit(2), unit: '/min' }),
  number('userId', 'uint8', { when: bit(3), ...USER }),
  number('measurementStatus', 'uint16', { when: bit(4), bits: cuffStatus }),
];
const pressureMeasures = {
  systolic: 'systolic',
  diastolic: 'diastolic',
  meanArterialPressure: 'mean_pressure',
  pulseRate: 'heart_rate',
} as const;

const TEMPERATURE_TYPES = {
  1: 'armpit',
  2: 'body general',
  3: 'ear',
  4: 'finger',
  5: 'gastrointestinal tract',
  6: 'mouth',
  7: 'rectum',
  8: 'toe',
  9: 'tympanum',
};
const thermometer = [
  number('flags', 'uint8', { bits: bitNames('fahrenheit', 'timestampPresent', 'temperatureTypePresent') }),
  number('temperature', 'float', { unit: 'Cel', instead: { bit: 0, unit: '[degF]' } }),
  other('timestamp', 'dateTime', bit(1)),
  number('temperatureType', 'uint8', {
    when: bit(2),
    names: TEMPERATURE_TYPES,
  }),
];
const oximeterStatus = bitNames(
  '',
  '',
  '',
  '',
  '',
  'measurementOngoing',
  'earlyEstimate',
  'validated',
  'fullyQualified',
  'dataFromStorage',
  'forDemonstration',
  'forTesting',
  'calibrationOngoing',
  'measurementUnavailable',
  'questionable',
  'invalid',
);
const sensorStatus = bitNames(
  'extendedDisplayUpdate',
  'equipmentMalfunction',
  'signalProcessingIrregularity',
  'inadequateSignal',
  'poorSignal',
  'lowPerfusion',
  'erraticSignal',
  'nonpulsatileSignal',
  'questionablePulse',
  'signalAnalysisOngoing',
  'sensorInterference',
  'sensorUnconnected',
  'unknownSensor',
  'sensorDisplaced',
  'sensorMalfunctioning',
);
const PULSATILE = { unit: '%' };

// biome-ignore format: a table reads by columns
export const body: readonly Characteristic[] = [
  row('2a9d', 'Weight Measurement', [
    number('flags', 'uint8', { bits: bitNames('imperial', 'timestampPresent', 'userIdPresent', 'bmiAndHeightPresent') }),
    number('weight', 'uint16', { ...KG_OR_LB, ...UNKNOWN_16 }),
    other('timestamp', 'dateTime', bit(1)),
    number('userId', 'uint8', { when: bit(2), ...USER }),
    number('bmi', 'uint16', { when: bit(3), per: 10, unit: 'kg/m2' }),
    number('height', 'uint16', { when: bit(3), ...M_OR_IN }),
  ], { weight: 'weight', bmi: 'bmi', height: 'height' }),
  row('2a9e', 'Weight Scale Feature', [
    number('features', 'uint32', { bits: [
      ...bitNames('timestampSupported', 'multipleUsersSupported', 'bmiSupported'),
      { name: 'weightMeasurementResolution', start: 3, width: 4, names: MASS_STEPS },
      { name: 'heightMeasurementResolution', start: 7, width: 3, names: HEIGHT_STEPS },
    ] }),
  ]),
  row('2a9c', 'Body Composition Measurement', [
    number('flags', 'uint16', { bits: [...bitNames('imperial'), { name: 'multiplePackets', start: 12 }] }),
    number('bodyFatPercentage', 'uint16', { per: 10, unit: '%', ...UNKNOWN_16 }),
    other('timestamp', 'dateTime', bit(1)),
    number('userId', 'uint8', { when: bit(2), ...USER }),
    number('basalMetabolism', 'uint16', { when: bit(3), unit: 'kJ/d' }),
    number('musclePercentage', 'uint16', { when: bit(4), per: 10, unit: '%', ...UNKNOWN_16 }),
    number('muscleMass', 'uint16', { when: bit(5), ...KG_OR_LB }),
    number('fatFreeMass', 'uint16', { when: bit(6), ...KG_OR_LB }),
    number('softLeanMass', 'uint16', { when: bit(7), ...KG_OR_LB }),
    number('bodyWaterMass', 'uint16', { when: bit(8), ...KG_OR_LB }),
    number('impedance', 'uint16', { when: bit(9), per: 10, unit: 'Ohm' }),
    number('weight', 'uint16', { when: bit(10), ...KG_OR_LB }),
    number('height', 'uint16', { when: bit(11), ...M_OR_IN }),
  ], {
    bodyFatPercentage: 'fat_ratio', basalMetabolism: 'basal_metabolism', musclePercentage: 'muscle_ratio', muscleMass: 'muscle_mass',
    fatFreeMass: 'fat_free_mass', bodyWaterMass: 'water_mass', impedance: 'impedance', weight: 'weight', height: 'height',
  }),
  row('2a9b', 'Body Composition Feature', [
    number('features', 'uint32', { bits: [
      ...bitNames('timestampSupported', 'multipleUsersSupported', 'basalMetabolismSupported', 'musclePercentageSupported', 'muscleMassSupported', 'fatFreeMassSupported', 'softLeanMassSupported', 'bodyWaterMassSupported', 'impedanceSupported', 'weightSupported', 'heightSupported'),
      { name: 'massMeasurementResolution', start: 11, width: 4, names: MASS_STEPS },
      { name: 'heightMeasurementResolution', start: 15, width: 3, names: HEIGHT_STEPS },
    ] }),
  ]),
  row('2a37', 'Heart Rate Measurement', [
    number('flags', 'uint8', { bits: [
      { name: 'sixteenBits', start: 0 },
      { name: 'sensorContact', start: 1, width: 2, names: ['not supported', 'not supported', 'not detected', 'detected'] },
      { name: 'energyExpendedPresent', start: 3 }, { name: 'rrIntervalsPresent', start: 4 },
    ] }),
    number('heartRate8', 'uint8', { when: { noBit: 0 }, unit: '/min' }),
    number('heartRate16', 'uint16', { when: bit(0), unit: '/min' }),
    number('energyExpended', 'uint16', { when: bit(3), unit: 'kJ' }),
    number('rrIntervals', 'uint16', { when: bit(4), repeats: true, times: 1000, per: 1024, unit: 'ms' }),
  ], { heartRate8: 'heart_rate', heartRate16: 'heart_rate', rrIntervals: 'rr_interval' }),
  single('2a38', 'Body Sensor Location', 'uint8', { names: words('other', 'chest', 'wrist', 'finger', 'hand', 'ear lobe', 'foot') }),
  single('2a39', 'Heart Rate Control Point', 'uint8', { names: words('reserved', 'reset energy expended') }),
  row('2a35', 'Blood Pressure Measurement', [number('flags', 'uint8', { bits: bitNames('kPa', 'timestampPresent', 'pulseRatePresent', 'userIdPresent', 'measurementStatusPresent') }), ...pressures], pressureMeasures),
  row('2a36', 'Intermediate Cuff Pressure', [number('flags', 'uint8', { bits: bitNames('kPa', 'timestampPresent', 'pulseRatePresent', 'userIdPresent', 'measurementStatusPresent') }), ...pressures]),
  row('2a49', 'Blood Pressure Feature', [
    number('features', 'uint16', { bits: bitNames('bodyMovementDetectionSupport', 'cuffFitDetectionSupport', 'irregularPulseDetectionSupport', 'pulseRateRangeDetectionSupport', 'measurementPositionDetectionSupport', 'multipleBondSupport', 'e2eCrcSupport', 'userDataServiceSupport', 'userFacingTimeSupport') }),
  ]),
  row('2a1c', 'Temperature Measurement', thermometer, { temperature: 'body_temperature' }),
  row('2a1e', 'Intermediate Temperature', thermometer),
  single('2a1d', 'Temperature Type', 'uint8', { names: TEMPERATURE_TYPES }),
  row('2a5e', 'PLX Spot-Check Measurement', [
    number('flags', 'uint8', { bits: bitNames('timestampPresent', 'measurementStatusPresent', 'deviceAndSensorStatusPresent', 'pulseAmplitudeIndexPresent', 'deviceClockNotSet') }),
    number('spo2', 'sfloat', { unit: '%' }),
    number('pulseRate', 'sfloat', { unit: '/min' }),
    other('timestamp', 'dateTime', bit(0)),
    number('measurementStatus', 'uint16', { when: bit(1), bits: oximeterStatus }),
    number('deviceAndSensorStatus', 'uint24', { when: bit(2), bits: sensorStatus }),
    number('pulseAmplitudeIndex', 'sfloat', { when: bit(3), ...PULSATILE }),
  ], { spo2: 'spo2', pulseRate: 'heart_rate', pulseAmplitudeIndex: 'perfusion_index' }),
  row('2a5f', 'PLX Continuous Measurement', [
    number('flags', 'uint8', { bits: bitNames('spo2prFastPresent', 'spo2prSlowPresent', 'measurementStatusPresent', 'deviceAndSensorStatusPresent', 'pulseAmplitudeIndexPresent') }),
    number('spo2', 'sfloat', { unit: '%' }),
    number('pulseRate', 'sfloat', { unit: '/min' }),
    number('spo2Fast', 'sfloat', { when: bit(0), unit: '%' }),
    number('pulseRateFast', 'sfloat', { when: bit(0), unit: '/min' }),
    number('spo2Slow', 'sfloat', { when: bit(1), unit: '%' }),
    number('pulseRateSlow', 'sfloat', { when: bit(1), unit: '/min' }),
    number('measurementStatus', 'uint16', { when: bit(2), bits: oximeterStatus }),
    number('deviceAndSensorStatus', 'uint24', { when: bit(3), bits: sensorStatus }),
    number('pulseAmplitudeIndex', 'sfloat', { when: bit(4), ...PULSATILE }),
  ], { spo2: 'spo2', pulseRate: 'heart_rate', pulseAmplitudeIndex: 'perfusion_index' }),
  row('2a60', 'PLX Features', [
    number('features', 'uint16', { bits: bitNames('measurementStatusSupport', 'deviceAndSensorStatusSupport', 'measurementStorageSupport', 'timestampSupport', 'spo2prFastSupport', 'spo2prSlowSupport', 'pulseAmplitudeIndexSupport', 'multipleBondsSupport') }),
    number('measurementStatusBits', 'uint16', { when: { bit: 0, of: 'features' } }),
    number('deviceAndSensorStatusBits', 'uint24', { when: { bit: 1, of: 'features' } }),
  ]),
  row('2a18', 'Glucose Measurement', [
    number('flags', 'uint8', { bits: bitNames('timeOffsetPresent', 'typeSampleLocationPresent', 'molPerLitre', 'sensorStatusPresent', 'contextFollows') }),
    number('sequenceNumber', 'uint16'),
    other('baseTime', 'dateTime'),
    number('timeOffset', 'sint16', { when: bit(0), unit: 'min' }),
    number('glucoseConcentration', 'sfloat', { when: bit(1), unit: 'kg/L', instead: { bit: 2, unit: 'mol/L' } }),
    number('typeAndLocation', 'uint8', { when: bit(1), bits: [{ name: 'type', start: 0, width: 4 }, { name: 'sampleLocation', start: 4, width: 4 }] }),
    number('sensorStatus', 'uint16', { when: bit(3), bits: bitNames('batteryLow', 'sensorMalfunction', 'sampleTooSmall', 'stripInsertionError', 'wrongStrip', 'tooHigh', 'tooLow', 'sensorTooHot', 'sensorTooCold', 'readInterrupted', 'generalFault', 'timeFault') }),
  ]),
];
