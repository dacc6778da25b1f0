/**
 * Movement: running, cycling, and the Physical Activity Monitor.
 *
 * Source: Bluetooth GATT Specification Supplement; Running Speed and Cadence 1.0, Cycling Speed and Cadence 1.0, Physical
 * Activity Monitor 1.0 services. Of the monitor's long records the head is decoded and the rest kept as bytes.
 */
import type { Characteristic } from './layout.ts';
import { bit, bitNames, number, row, single, words } from './rows.ts';

const GOALS = [
  'totalEnergyExpenditure',
  'normalWalkingSteps',
  'intensitySteps',
  'floorSteps',
  'distance',
  'durationNormalWalking',
  'durationIntensityWalking',
];
const SUMMARY_HEAD = [
  number('sessionId', 'uint16'),
  number('subSessionId', 'uint16'),
  number('relativeTimestamp', 'uint32'),
  number('sequenceNumber', 'uint32'),
];
const REST = { name: 'additionalData', type: 'bytes' } as const;
const SENSOR_LOCATIONS = words(
  'other',
  'top of shoe',
  'in shoe',
  'hip',
  'front wheel',
  'left crank',
  'right crank',
  'left pedal',
  'right pedal',
  'front hub',
  'rear dropout',
  'chainstay',
  'rear wheel',
  'rear hub',
  'chest',
  'spider',
  'chain ring',
);

// biome-ignore format: a table reads by columns
export const activity: readonly Characteristic[] = [
  row('2a53', 'RSC Measurement', [
    number('flags', 'uint8', { bits: bitNames('instantaneousStrideLengthPresent', 'totalDistancePresent', 'running') }),
    number('instantaneousSpeed', 'uint16', { per: 256, unit: 'm/s' }),
    number('instantaneousCadence', 'uint8', { unit: '{step}/min' }),
    number('instantaneousStrideLength', 'uint16', { when: bit(0), per: 100, unit: 'm' }),
    number('totalDistance', 'uint32', { when: bit(1), per: 10, unit: 'm' }),
  ], { instantaneousSpeed: 'speed', instantaneousCadence: 'cadence' }),
  row('2a54', 'RSC Feature', [number('features', 'uint16', { bits: bitNames('instantaneousStrideLengthSupported', 'totalDistanceSupported', 'walkingOrRunningStatusSupported', 'calibrationProcedureSupported', 'multipleSensorLocationsSupported') })]),
  row('2a5b', 'CSC Measurement', [
    number('flags', 'uint8', { bits: bitNames('wheelRevolutionDataPresent', 'crankRevolutionDataPresent') }),
    number('cumulativeWheelRevolutions', 'uint32', { when: bit(0) }),
    number('lastWheelEventTime', 'uint16', { when: bit(0), per: 1024, unit: 's' }),
    number('cumulativeCrankRevolutions', 'uint16', { when: bit(1) }),
    number('lastCrankEventTime', 'uint16', { when: bit(1), per: 1024, unit: 's' }),
  ]),
  row('2a5c', 'CSC Feature', [number('features', 'uint16', { bits: bitNames('wheelRevolutionDataSupported', 'crankRevolutionDataSupported', 'multipleSensorLocationsSupported') })]),
  single('2a5d', 'Sensor Location', 'uint8', { names: SENSOR_LOCATIONS }),
  row('2a55', 'SC Control Point', [number('opcode', 'uint8', { names: { 1: 'set cumulative value', 2: 'start sensor calibration', 3: 'update sensor location', 4: 'request supported sensor locations', 16: 'response code' } }), { name: 'parameter', type: 'bytes' }]),
  row('2b4e', 'Activity Goal', [
    number('presenceFlags', 'uint8'),
    ...GOALS.map((name, index) => number(name, index === 0 || index > 4 ? 'uint16' : 'uint24', { when: { bit: index, of: 'presenceFlags' } })),
  ]),
  row('2b3b', 'Physical Activity Monitor Features', [
    number('generalActivityFeatures', 'uint48', { bits: bitNames('multipleUsersSupported', 'deviceWornSupported') }),
    { name: 'moreFeatures', type: 'bytes' },
  ]),
  row('2b43', 'Physical Activity Monitor Control Point', [
    number('opcode', 'uint8', { names: { 1: 'enquire sessions', 2: 'enquire sub sessions', 3: 'get ended session data', 4: 'start session sub session', 5: 'stop session' } }),
    { name: 'parameter', type: 'bytes' },
  ]),
  row('2b44', 'Physical Activity Current Session', [
    number('flags', 'uint8', { bits: bitNames('sessionActive', 'activityTypePresent') }),
    number('sessionId', 'uint16'),
    number('activityType', 'uint8', { when: bit(1), names: { 0: 'no activity', 1: 'walking', 2: 'running', 3: 'cycling', 4: 'swimming', 255: 'generic' } }),
  ]),
  row('2b45', 'Physical Activity Session Descriptor', [
    number('sessionId', 'uint16'),
    number('sessionStatus', 'uint8', { names: words('not started', 'in progress', 'ended') }),
    number('activityType', 'uint8', { names: { 7: 'run' } }),
    REST,
  ]),
  row('2b41', 'Sleep Activity Instantaneous Data', [
    number('flags', 'uint16', { bits: [...bitNames('visibleLightLevelPresent', 'uvLightLevelPresent', 'irLightLevelPresent', 'sleepStagePresent', 'sleepingHeartRatePresent'), { name: 'deviceWorn', start: 15 }] }),
    number('sleepStage', 'uint24', { bits: [...bitNames('wake', 'sleep', 'rem', 'nonRem', 'lightSleep', 'deepSleep', 'n1', 'n2', 'n3', 'n4', 'activeSleep', 'quietSleep', 'intermediateSleep', 'arousal'), { name: 'unknown', start: 23 }] }),
    REST,
  ]),
  row('2b42', 'Sleep Activity Summary Data', [number('flags', 'uint24', { bits: bitNames('totalSleepTimePresent') }), REST]),
  row('2b40', 'Step Counter Activity Summary Data', [
    number('header', 'uint8'),
    number('flags', 'uint8', { bits: bitNames('normalWalkingStepsPresent', 'intensityStepsPresent', 'floorStepsPresent', 'distancePresent') }),
    ...SUMMARY_HEAD,
    REST,
  ]),
];
