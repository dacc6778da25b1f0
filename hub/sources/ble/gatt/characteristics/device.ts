/**
 * What a device says about itself and about the time.
 *
 * Source: Bluetooth GATT Specification Supplement; Device Information 1.1, Battery 1.1, Current Time 1.1, Reference Time
 * Update 1.0, Generic Access (Core 5.4, Vol 3 Part C, 12) services.
 */
import type { Characteristic } from './layout.ts';
import { bit, bitNames, number, other, row, single, text, words } from './rows.ts';

const DAYS = words('unknown', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday');
const POWER = ['no', 'yes', 'unknown', 'reserved'];
const TIME_SOURCES = words(
  'unknown',
  'network time protocol',
  'gps',
  'radio time signal',
  'manual',
  'atomic clock',
  'cellular network',
  'not synchronized',
);
const DST = { 0: 'standard time', 2: 'half an hour daylight time', 4: 'daylight time', 8: 'double daylight time', 255: 'unknown' };

// biome-ignore format: a table reads by columns
export const device: readonly Characteristic[] = [
  text('2a00', 'Device Name'),
  single('2a01', 'Appearance', 'uint16'),
  text('2a29', 'Manufacturer Name String'),
  text('2a24', 'Model Number String'),
  text('2a25', 'Serial Number String'),
  text('2a27', 'Hardware Revision String'),
  text('2a26', 'Firmware Revision String'),
  text('2a28', 'Software Revision String'),
  row('2a2a', 'IEEE 11073-20601 Regulatory Certification Data List', [other('value', 'bytes')]),
  row('2a23', 'System ID', [number('manufacturerIdentifier', 'uint40'), number('organizationallyUniqueIdentifier', 'uint24')]),
  row('2a50', 'PnP ID', [
    number('vendorIdSource', 'uint8', { names: { 1: 'bluetooth sig', 2: 'usb if' } }),
    number('vendorId', 'uint16'), number('productId', 'uint16'), number('productVersion', 'uint16'),
  ]),
  single('2a19', 'Battery Level', 'uint8', { unit: '%' }, 'battery'),
  row('2bed', 'Battery Level Status', [
    number('flags', 'uint8', { bits: bitNames('identifierPresent', 'batteryLevelPresent', 'additionalStatusPresent') }),
    number('powerState', 'uint16', { bits: [
      { name: 'batteryPresent', start: 0 },
      { name: 'wiredExternalPowerConnected', start: 1, width: 2, names: POWER },
      { name: 'wirelessExternalPowerConnected', start: 3, width: 2, names: POWER },
      { name: 'batteryChargeState', start: 5, width: 2, names: ['unknown', 'charging', 'discharging active', 'discharging inactive'] },
      { name: 'batteryChargeLevel', start: 7, width: 2, names: ['unknown', 'good', 'low', 'critical'] },
      { name: 'chargingType', start: 9, width: 3, names: ['unknown', 'constant current', 'constant voltage', 'trickle', 'float'] },
      { name: 'chargingFaultBattery', start: 12 }, { name: 'chargingFaultExternalPower', start: 13 }, { name: 'chargingFaultOther', start: 14 },
    ] }),
    number('identifier', 'uint16', { when: bit(0) }),
    number('batteryLevel', 'uint8', { when: bit(1), unit: '%' }),
    number('additionalStatus', 'uint8', { when: bit(2), bits: [{ name: 'serviceRequired', start: 0, width: 2, names: ['false', 'true', 'unknown', 'reserved'] }, { name: 'batteryFault', start: 2 }] }),
  ], { batteryLevel: 'battery' }),
  row('2a08', 'Date Time', [other('value', 'dateTime')]),
  single('2a09', 'Day of Week', 'uint8', { names: DAYS }),
  row('2a0a', 'Day Date Time', [other('dateTime', 'dateTime'), number('dayOfWeek', 'uint8', { names: DAYS })]),
  row('2a0c', 'Exact Time 256', [other('dateTime', 'dateTime'), number('dayOfWeek', 'uint8', { names: DAYS }), number('fractions256', 'uint8')]),
  row('2a2b', 'Current Time', [
    other('dateTime', 'dateTime'),
    number('dayOfWeek', 'uint8', { names: DAYS }),
    number('fractions256', 'uint8'),
    number('adjustReason', 'uint8', { bits: bitNames('manualTimeUpdate', 'externalReferenceTimeUpdate', 'changeOfTimeZone', 'changeOfDst') }),
  ]),
  row('2a0f', 'Local Time Information', [number('timeZone', 'sint8', { times: 15, unit: 'min', unknown: [-0x80] }), number('dstOffset', 'uint8', { names: DST })]),
  row('2a14', 'Reference Time Information', [number('source', 'uint8', { names: TIME_SOURCES }), number('accuracy', 'uint8', { per: 8, unit: 's', unknown: [0xff] }), number('daysSinceUpdate', 'uint8'), number('hoursSinceUpdate', 'uint8')]),
  single('2a0e', 'Time Zone', 'sint8', { times: 15, unit: 'min', unknown: [-0x80] }),
  single('2a0d', 'DST Offset', 'uint8', { names: DST }),
  single('2a12', 'Time Accuracy', 'uint8', { per: 8, unit: 's', unknown: [0xff] }),
  single('2a13', 'Time Source', 'uint8', { names: TIME_SOURCES }),
  row('2a11', 'Time with DST', [other('dateTime', 'dateTime'), number('dstOffset', 'uint8', { names: DST })]),
  single('2a16', 'Time Update Control Point', 'uint8', { names: { 1: 'get reference update', 2: 'cancel reference update' } }),
  row('2a17', 'Time Update State', [number('currentState', 'uint8', { names: words('idle', 'update pending') }), number('result', 'uint8', { names: words('successful', 'canceled', 'no connection to reference', 'reference responded with an error', 'timeout', 'update not attempted after reset') })]),
  single('2a21', 'Measurement Interval', 'uint16', { unit: 's' }),
  single('2a07', 'Tx Power Level', 'sint8', { unit: 'dB[mW]' }),
];
