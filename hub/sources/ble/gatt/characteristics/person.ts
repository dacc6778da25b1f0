/**
 * What a device knows of the person: User Data Service 1.0. Lengths are in the supplement's base unit, metres.
 *
 * Source: Bluetooth GATT Specification Supplement; User Data Service 1.0.
 */
import type { Characteristic } from './layout.ts';
import { number, other, row, single, text, words } from './rows.ts';

const BPM = { unit: '/min' } as const;

// biome-ignore format: a table reads by columns
export const person: readonly Characteristic[] = [
  text('2a8a', 'First Name'),
  text('2a90', 'Last Name'),
  text('2b48', 'Middle Name'),
  text('2a87', 'Email Address'),
  text('2aa2', 'Language'),
  single('2a80', 'Age', 'uint8', { unit: 'a' }),
  row('2a85', 'Date of Birth', [other('value', 'date')]),
  row('2a86', 'Date of Threshold Assessment', [other('value', 'date')]),
  single('2a8c', 'Gender', 'uint8', { names: words('male', 'female', 'unspecified') }),
  single('2a98', 'Weight', 'uint16', { per: 200, unit: 'kg', unknown: [0xffff] }, 'weight'),
  single('2a8e', 'Height', 'uint16', { per: 100, unit: 'm', unknown: [0xffff] }, 'height'),
  single('2b47', 'High Resolution Height', 'uint16', { per: 10_000, unit: 'm' }, 'height'),
  single('2a97', 'Waist Circumference', 'uint16', { per: 100, unit: 'm' }),
  single('2a8f', 'Hip Circumference', 'uint16', { per: 100, unit: 'm' }),
  single('2b49', 'Stride Length', 'uint16', { per: 1000, unit: 'm' }),
  single('2a96', 'VO2 Max', 'uint8', { unit: 'mL/kg/min' }),
  single('2a92', 'Resting Heart Rate', 'uint8', BPM, 'heart_rate'),
  single('2a8d', 'Heart Rate Max', 'uint8', BPM),
  single('2a91', 'Maximum Recommended Heart Rate', 'uint8', BPM),
  single('2a7e', 'Aerobic Heart Rate Lower Limit', 'uint8', BPM),
  single('2a84', 'Aerobic Heart Rate Upper Limit', 'uint8', BPM),
  single('2a7f', 'Aerobic Threshold', 'uint8', BPM),
  single('2a81', 'Anaerobic Heart Rate Lower Limit', 'uint8', BPM),
  single('2a82', 'Anaerobic Heart Rate Upper Limit', 'uint8', BPM),
  single('2a83', 'Anaerobic Threshold', 'uint8', BPM),
  single('2a88', 'Fat Burn Heart Rate Lower Limit', 'uint8', BPM),
  single('2a89', 'Fat Burn Heart Rate Upper Limit', 'uint8', BPM),
  row('2a95', 'Two Zone Heart Rate Limits', [number('fatBurnFitnessLimit', 'uint8', BPM)]),
  row('2a94', 'Three Zone Heart Rate Limits', [number('lightModerateLimit', 'uint8', BPM), number('moderateHardLimit', 'uint8', BPM)]),
  row('2b4c', 'Four Zone Heart Rate Limits', [number('lightModerateLimit', 'uint8', BPM), number('moderateHardLimit', 'uint8', BPM), number('hardMaximumLimit', 'uint8', BPM)]),
  row('2a8b', 'Five Zone Heart Rate Limits', [number('veryLightLightLimit', 'uint8', BPM), number('lightModerateLimit', 'uint8', BPM), number('moderateHardLimit', 'uint8', BPM), number('hardMaximumLimit', 'uint8', BPM)]),
  single('2a93', 'Sport Type for Aerobic and Anaerobic Thresholds', 'uint8', { names: words('unspecified', 'running', 'cycling', 'rowing', 'cross training', 'climbing', 'skiing', 'skating', 'arm exercising', 'lower body exercising', 'upper body exercising', 'whole body exercising') }),
  single('2b4a', 'Handedness', 'uint8', { names: words('left handed', 'right handed', 'ambidextrous', 'unspecified') }),
  single('2b4b', 'Device Wearing Position', 'uint8', { names: { 0: 'other', 1: 'chest', 2: 'wrist', 3: 'finger', 4: 'hand', 5: 'ear lobe', 6: 'foot' } }),
  single('2b4f', 'Sedentary Interval Notification', 'uint16', { unit: 's' }),
  single('2b50', 'Caloric Intake', 'uint16', { unit: 'kcal' }),
  single('2a9a', 'User Index', 'uint8'),
  single('2a99', 'Database Change Increment', 'uint32'),
  row('2a9f', 'User Control Point', [
    number('opcode', 'uint8', { names: { 1: 'register new user', 2: 'consent', 3: 'delete user data', 4: 'list all users', 5: 'delete users', 32: 'response' } }),
    { name: 'parameter', type: 'bytes' },
  ]),
  row('2b37', 'Registered User', [number('segmentIndex', 'uint8'), number('userIndex', 'uint8'), { name: 'body', type: 'bytes' }]),
];
