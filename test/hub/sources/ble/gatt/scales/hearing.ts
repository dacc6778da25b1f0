/** Sessions of scales for tests: a person, a connection, a time, and what one or several notifications give. */
import { civilTimeOf } from '../../../../../../hub/sources/ble/gatt/civil-time.ts';
import type { Connection, ScaleFamily, ScaleProfile, ScaleTime } from '../../../../../../hub/sources/ble/gatt/scales/family.ts';
import {
  type ScaleAction,
  type ScaleMeasurement,
  type ScaleState,
  scaleSession,
} from '../../../../../../hub/sources/ble/gatt/scales/session.ts';

export const person: ScaleProfile = { heightCm: 183, ageYears: 30, sex: 'male' };

/** Five past eight in the morning, two hours east of Greenwich. */
export const someTime: ScaleTime = timeAt(Date.UTC(2025, 5, 1, 6, 5, 0), 120);

export function timeAt(utcMs: number, zoneMinutes: number): ScaleTime {
  return { utcMs, zoneMinutes, civil: civilTimeOf(utcMs, zoneMinutes) };
}

export const connectionWith = (characteristics: readonly string[], name: string | null = null): Connection => ({
  address: 'C0:FF:EE:00:00:01',
  name,
  characteristics: new Set(characteristics),
  random: new Uint8Array(16).fill(7),
});

export const measurementsOf = (actions: readonly ScaleAction[]): ScaleMeasurement[] =>
  actions.filter((action) => action.kind === 'measurement');

/** The last measurement that one notification gives to a session that is open. */
export function heardBy<M>(family: ScaleFamily<M>, characteristic: string, bytes: Uint8Array): ScaleMeasurement | undefined {
  return measurementsOf(opened(family).hear(characteristic, bytes)).at(-1);
}

/** A session that goes on: every call gives what it asks for. */
export function opened<M>(
  family: ScaleFamily<M>,
  options: {
    readonly profile?: ScaleProfile;
    readonly time?: ScaleTime | null;
    readonly name?: string;
    readonly characteristics?: readonly string[];
  } = {},
) {
  const session = scaleSession(family);
  let state: ScaleState<M> = session.init(options.profile ?? person);
  let at = 0;
  const step = (event: Parameters<typeof session.step>[1]): readonly ScaleAction[] => {
    const [next, actions] = session.step(state, event);
    state = next;
    return actions;
  };
  const greeting = step({
    kind: 'connected',
    at,
    connection: connectionWith(options.characteristics ?? family.subscribe, options.name ?? null),
    time: options.time === undefined ? someTime : options.time,
  });
  return {
    greeting,
    hear: (characteristic: string, bytes: Uint8Array) => step({ kind: 'notification', at, characteristic, bytes }),
    answer: (characteristic: string, bytes: Uint8Array | null) => step({ kind: 'answer', at, characteristic, bytes }),
    timeKnown: (time: ScaleTime) => step({ kind: 'time', at, time }),
    hangUp: () => step({ kind: 'disconnected', at }),
    /** Lets time pass, and the timer fire. */
    after: (ms: number) => {
      at += ms;
      return step({ kind: 'timer', at });
    },
  };
}
