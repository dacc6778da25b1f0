/**
 * Object 0x1001 of MiBeacon: which control was used, a value, and how. What the numbers mean differs by product.
 * Source: object definition of Xiaomi's IoT platform; per product as its owners found.
 */
import type { BleEvent } from '../advertisement.ts';
import { event } from './outcome.ts';

const remotes: Readonly<Record<string, readonly string[]>> = {
  YLYK01YL: ['on', 'off', 'brightness', 'plus', 'M', 'min'],
  'YLYK01YL-FANCL': ['fan', 'light', 'wind speed', 'color temperature', 'wind mode', 'brightness'],
  'YLYK01YL-VENFAN': ['swing', 'power', 'timer 60 minutes', 'increase wind speed', 'timer 30 minutes', 'decrease wind speed'],
  'YLYB01YL-BHFRC': ['stop', 'air exchange', 'fan', 'increase speed', 'decrease speed', 'dry', 'light', 'swing', 'heat'],
};

/** Buttons pressed together, by the first byte. */
const switches: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'K9B-1BTN': [['button']],
  'K9B-2BTN': [['button left'], ['button right'], ['button left', 'button right']],
  'K9B-3BTN': [
    ['button left'],
    ['button middle'],
    ['button right'],
    ['button left', 'button middle'],
    ['button middle', 'button right'],
    ['button left', 'button right'],
    ['button left', 'button middle', 'button right'],
  ],
};
const switchPresses = ['press', 'long press', 'double press'];
const presses = ['press', 'double press', 'long press', undefined, undefined, 'press', 'long press'];

function dimmer(control: number, amount: number, how: number): BleEvent | undefined {
  if (how === 3) return event('dimmer', control === 0 ? `press, ${amount} times` : `long press, ${amount} s`);
  if (how !== 4) return undefined;
  const pressed = control !== 0;
  const steps = pressed ? control : amount;
  return event(
    'dimmer',
    `rotate ${steps <= 127 ? 'right' : 'left'}${pressed ? ' pressed' : ''}, ${steps <= 127 ? steps : 256 - steps} steps`,
  );
}

/** Events of the object's three bytes. */
export function mibeaconButton(product: string, control: number, amount: number, how: number): readonly BleEvent[] {
  if (product.startsWith('YLKG07YL')) return [dimmer(control, amount, how) ?? event('dimmer', presses[how])];
  if (product === 'XMMF01JQD') return control > 1 ? [] : [event('cube', control === 0 ? 'rotate right' : 'rotate left')];
  const together = switches[product];
  if (together !== undefined) return (together[control] ?? []).map((name) => event(name, switchPresses[how]));
  const remote = remotes[product]?.[control];
  const events = [event(remote === undefined ? 'button' : `button ${remote}`, presses[how])];
  if (product === 'YLYK01YL' && (control === 0 || control === 1)) events.push(event('power', control === 0 ? 'on' : 'off'));
  return events;
}
