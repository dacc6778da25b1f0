/**
 * Objects of door locks in MiBeacon: 0x0006 fingerprint, 0x0007 door, 0x000B lock.
 * Source: object definition of Xiaomi's IoT platform, lock events.
 */
import type { BleEvent } from '../advertisement.ts';
import { u32le } from './fields.ts';
import { event, state } from './outcome.ts';

const fingerprints = [
  'match successful',
  'match failed',
  'timeout',
  'low quality',
  'insufficient area',
  'skin is too dry',
  'skin is too wet',
];
const methods = [
  'bluetooth',
  'password',
  'biometrics',
  'key',
  'turntable',
  'nfc',
  'one-time password',
  'two-step verification',
  'coercion',
  'Homekit',
  'manual',
  'automatic',
];
/** Action, whether it opens, and what it turns on a lock that tells its bolts apart. */
const actions: Readonly<Record<number, readonly [string, boolean, 'lock' | 'antilock' | 'childlock']>> = {
  0: ['unlock outside the door', true, 'lock'],
  1: ['lock', false, 'lock'],
  2: ['turn on anti-lock', false, 'antilock'],
  3: ['turn off anti-lock', true, 'antilock'],
  4: ['unlock inside the door', true, 'lock'],
  5: ['lock inside the door', false, 'lock'],
  6: ['turn on child lock', false, 'childlock'],
  7: ['turn off child lock', true, 'childlock'],
  8: ['lock outside the door', false, 'lock'],
  15: ['abnormal', true, 'lock'],
};
/** In place of a key's number. */
const alarms: Readonly<Record<number, string>> = {
  0xc0de0000: 'frequent unlocking with incorrect password',
  0xc0de0001: 'frequent unlocking with wrong fingerprints',
  0xc0de0002: 'operation timeout (password input timeout)',
  0xc0de0003: 'lock picking',
  0xc0de0004: 'reset button is pressed',
  0xc0de0005: 'the wrong key is frequently unlocked',
  0xc0de0006: 'foreign body in the keyhole',
  0xc0de0007: 'the key has not been taken out',
  0xc0de0008: 'error NFC frequently unlocks',
  0xc0de0009: 'timeout is not locked as required',
  0xc0de000a: 'failure to unlock frequently in multiple ways',
  0xc0de000b: 'unlocking the face frequently fails',
  0xc0de000c: 'failure to unlock the vein frequently',
  0xc0de000d: 'hijacking alarm',
  0xc0de000e: 'unlock inside the door after arming',
  0xc0de000f: 'palmprints frequently fail to unlock',
  0xc0de0010: 'the safe was moved',
  0xc0de1000: 'the battery level is less than 10%',
  0xc0de1001: 'the battery is less than 5%',
  0xc0de1002: 'the fingerprint sensor is abnormal',
  0xc0de1003: 'the accessory battery is low',
  0xc0de1004: 'mechanical failure',
  0xc0de1005: 'the lock sensor is faulty',
};

export function fingerprintEvents(object: Uint8Array): readonly BleEvent[] {
  if (object.length !== 5) return [];
  const key = u32le(object, 0);
  const who = key === 0 ? 'administrator' : key === 0xffff_ffff ? 'unknown operator' : String(key);
  const result = fingerprints[object[4]!] ?? (object[4] === 0x33 ? 'low quality' : 'unknown');
  return [event('fingerprint', result), event('key', who)];
}

/** Lock events; for DSL-C08 passwords 5000 to 5999 are one-time passwords. */
export function lockEvents(object: Uint8Array, product: string): readonly BleEvent[] {
  const action = actions[object[0]! & 0x0f];
  const method = object[0]! >> 4 === 15 ? 'abnormal' : methods[object[0]! >> 4];
  if (object.length !== 9 || action === undefined || method === undefined) return [];
  const number = u32le(object, 1);
  const alarm = alarms[number];
  // Only Bluetooth keys have more than 16 bits
  const key = alarm === undefined && method !== 'bluetooth' ? number & 0xffff : number;
  const oneTime = product === 'DSL-C08' && method === 'password' && key >= 5000 && key < 6000;
  const bolt = product === 'ZNMS17LM' ? action[2] : 'lock';
  return [
    event('lock', action[0]),
    event('lock method', oneTime ? 'one-time password' : method),
    event('key', alarm === undefined ? String(key) : `0x${key.toString(16)}`),
    state(bolt === 'lock' ? 'unlocked' : `${bolt} off`, action[1]),
    ...(alarm === undefined ? [] : [event('lock alarm', alarm)]),
  ];
}

/** The door of a lock: whether it stands open, and what happened. */
export function doorOf(code: number): { readonly open: boolean; readonly events: readonly BleEvent[] } | undefined {
  switch (code) {
    case 0:
      return { open: true, events: [state('door stuck', false), state('knock on the door', false)] };
    case 1:
      return { open: false, events: [state('door left open', false), state('pry the door', false)] };
    case 2:
      return { open: true, events: [state('door left open', true)] };
    case 3:
      return { open: false, events: [state('knock on the door', true)] };
    case 4:
      return { open: true, events: [state('pry the door', true)] };
    case 5:
      return { open: false, events: [state('door stuck', true)] };
    default:
      return undefined;
  }
}
