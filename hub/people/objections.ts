/**
 * What a person objected to (C5), purpose by purpose. A purpose names the values that are made for it: after an objection no such value is
 * made of them any more, by the hub or from what a device computed. What was read stays.
 */
import { compositionQuantities, type QuantityId, quantities } from '../../firmware/protocol/quantities.ts';
import type { Household } from './household.ts';

export interface Purpose {
  readonly words: string;
  /** What no longer works, as a person is told before they confirm. */
  readonly stops: string;
  readonly quantities: readonly QuantityId[];
}

export const purposes = {
  sleep: {
    words: 'Telling sleep from movement',
    stops: 'Nights are not scored: no time asleep, no stages, no sleep efficiency. Movement in bed is kept as it was read.',
    quantities: [
      'sleep_stage',
      'sleep_duration',
      'sleep_light',
      'sleep_deep',
      'sleep_rem',
      'sleep_awake',
      'sleep_latency',
      'sleep_efficiency',
    ],
  },
  'heart-rate': {
    words: 'Telling heart rate and breathing',
    stops: 'No heart rate, no beat-to-beat interval, no breathing rate: not from a bed, a watch or a scale.',
    quantities: ['heart_rate', 'rr_interval', 'respiration_rate'],
  },
  'body-composition': {
    words: 'Computing what the body consists of',
    stops: 'No body mass index, fat, water, muscle or bone. Weight and impedance are kept as they were read.',
    quantities: compositionQuantities,
  },
  clips: {
    words: 'Recording clips when something moves before the camera',
    stops: 'No clips are recorded of anybody while you object: the camera cannot tell you from the others. The live picture goes on.',
    quantities: [],
  },
} as const satisfies Record<string, Purpose>;

/** A purpose of the table, or `target:NAME` for a sync target. */
export type PurposeId = keyof typeof purposes | `target:${string}`;
export const isPurpose = (id: string): id is keyof typeof purposes => Object.hasOwn(purposes, id);

const purposeOfCode = new Map<number, keyof typeof purposes>(
  (Object.keys(purposes) as (keyof typeof purposes)[]).flatMap((id) =>
    purposes[id].quantities.map((one): [number, typeof id] => [quantities[one].code, id]),
  ),
);

export interface Objections {
  /** When they objected, UTC milliseconds; undefined when they did not. */
  since(subject: string, purpose: PurposeId): number | undefined;
  set(subject: string, purpose: PurposeId, isObjected: boolean, nowUtcMs: number): void;
  /** Whether a value may be made of a person: not objected to, and agreed to. */
  mayMake(subject: string, code: number): boolean;
  /** Whether a target may have more of a person. */
  maySend(subject: string, target: string): boolean;
  forget(subject: string): void;
  remains(subject: string): number;
}

/** `isWaiting`: whether a purpose is new in the policy and waits for their yes. */
export function openObjections(household: Household, isWaiting: (subject: string, purpose: string) => boolean): Objections {
  const select = household.prepare<[string, string], { at: number }>('SELECT at FROM objection WHERE subject = ? AND purpose = ?');
  const since: Objections['since'] = (subject, purpose) => select.get(subject, purpose)?.at;
  return {
    since,
    set(subject, purpose, isObjected, nowUtcMs) {
      if (isObjected) household.prepare('INSERT OR IGNORE INTO objection VALUES (?, ?, ?)').run(subject, purpose, Math.round(nowUtcMs));
      else household.prepare('DELETE FROM objection WHERE subject = ? AND purpose = ?').run(subject, purpose);
    },
    mayMake(subject, code) {
      const purpose = purposeOfCode.get(code);
      return purpose === undefined || (since(subject, purpose) === undefined && !isWaiting(subject, purpose));
    },
    maySend: (subject, target) => since(subject, `target:${target}`) === undefined,
    forget: (subject) => void household.prepare('DELETE FROM objection WHERE subject = ?').run(subject),
    remains: (subject) =>
      household.prepare<[string], { count: number }>('SELECT count(*) AS count FROM objection WHERE subject = ?').get(subject)!.count,
  };
}
