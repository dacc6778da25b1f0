/**
 * One connection to a scale as a state machine: events in, requests and measurements out, no clock and no radio of its own.
 *
 * A weigh-in is shown live while it moves and given once when it is whole. A weight that settled is never lost: it is given
 * when the rest has come, when the hold is over, or when the scale hangs up, whichever is first.
 */

import type { FormulaId } from '../../../../../firmware/signal/body-composition/formulas.ts';
import type { BleValue } from '../../advertisement.ts';
import type { Connection, Heard, ScaleContext, ScaleFamily, ScaleProfile, ScaleRequest, ScaleTime, Weighing } from './family.ts';

export type ScaleEvent =
  | { readonly kind: 'connected'; readonly at: number; readonly connection: Connection; readonly time: ScaleTime | null }
  | { readonly kind: 'notification'; readonly at: number; readonly characteristic: string; readonly bytes: Uint8Array }
  /** The answer to a read that the session asked for; null when the scale refused it. */
  | { readonly kind: 'answer'; readonly at: number; readonly characteristic: string; readonly bytes: Uint8Array | null }
  | { readonly kind: 'timer'; readonly at: number }
  | { readonly kind: 'time'; readonly at: number; readonly time: ScaleTime }
  | { readonly kind: 'disconnected'; readonly at: number };

export interface ScaleMeasurement {
  readonly kind: 'measurement';
  readonly values: readonly BleValue[];
  /** False: shown live, never kept. */
  readonly settled: boolean;
  /** A record of an earlier time. */
  readonly stored?: boolean;
  readonly deviceTime?: string;
  readonly agoMs?: number;
  readonly userSlot?: number;
  /** Present where composition has to be derived from the impedance. */
  readonly formula?: FormulaId;
}

export type ScaleAction = ScaleRequest | ScaleMeasurement | { readonly kind: 'done' };

export interface ScaleState<M> {
  readonly memory: M;
  readonly profile: ScaleProfile;
  readonly connection: Connection | null;
  readonly time: ScaleTime | null;
  readonly openedAt: number | null;
  /** The settled weigh-in that waits for the rest, and until when. */
  readonly pending: { readonly weighing: Weighing; readonly until: number } | null;
  /** When the stored records are taken to have ended. */
  readonly quietAt: number | null;
}

const NOT_CONNECTED: Connection = { address: null, name: null, characteristics: new Set(), random: new Uint8Array(16) };

export interface ScaleSession<M> {
  readonly family: ScaleFamily<M>;
  readonly init: (profile: ScaleProfile) => ScaleState<M>;
  readonly step: (state: ScaleState<M>, event: ScaleEvent) => readonly [ScaleState<M>, readonly ScaleAction[]];
}

/** Whether values make a weigh-in of this family whole. */
export const isWhole = <M>({ whole }: ScaleFamily<M>, values: readonly BleValue[]): boolean =>
  whole.every((quantity) => values.some((value) => value.quantity === quantity));

/** The state machine of a family. Pure; no event throws, whatever its bytes. */
export function scaleSession<M>(family: ScaleFamily<M>): ScaleSession<M> {
  const init = (profile: ScaleProfile): ScaleState<M> => ({
    memory: family.memory(),
    profile,
    connection: null,
    time: null,
    openedAt: null,
    pending: null,
    quietAt: null,
  });

  const contextOf = (state: ScaleState<M>, at: number): ScaleContext => ({
    profile: state.profile,
    connection: state.connection ?? NOT_CONNECTED,
    time: state.time,
    at,
    openedAt: state.openedAt ?? at,
  });

  const measurement = ({ progress, ...weighing }: Weighing, settled: boolean): ScaleMeasurement => {
    const hasImpedance = weighing.values.some(({ quantity }) => quantity === 'impedance');
    const stored = progress === 'stored' ? { stored: true } : {};
    return {
      kind: 'measurement',
      ...weighing,
      settled,
      ...stored,
      ...(hasImpedance && family.formula !== undefined && { formula: family.formula }),
    };
  };

  /** What a notification, an answer or a timer of the family changes. */
  const take = (
    state: ScaleState<M>,
    { memory, weighing, also = [], requests = [] }: Heard<M>,
    at: number,
  ): [ScaleState<M>, ScaleAction[]] => {
    const [first, ...rest] = also;
    if (first !== undefined) {
      const [next, actions] = take(state, { memory, ...(weighing !== undefined && { weighing }), requests }, at);
      const [last, more] = take(next, { memory, weighing: first, also: rest }, at);
      return [last, [...actions, ...more]];
    }
    const next = { ...state, memory };
    if (weighing === undefined) {
      // What asks for more is not idle.
      if (family.idleMs === undefined || requests.length === 0 || next.quietAt === null) return [next, [...requests]];
      return [{ ...next, quietAt: at + family.idleMs }, [...requests, { kind: 'timer', ms: family.idleMs }]];
    }
    if (weighing.progress === 'stored') {
      return [{ ...next, quietAt: at + family.holdMs }, [...requests, measurement(weighing, true), { kind: 'timer', ms: family.holdMs }]];
    }
    if (weighing.progress === 'live') {
      const isTimed = family.idleMs !== undefined && next.quietAt !== null;
      const quiet: ScaleAction[] = isTimed ? [{ kind: 'timer', ms: family.idleMs! }] : [];
      return [isTimed ? { ...next, quietAt: at + family.idleMs! } : next, [...requests, measurement(weighing, false), ...quiet]];
    }
    if (weighing.progress === 'final' || isWhole(family, weighing.values)) {
      return [{ ...next, pending: null }, [...requests, measurement(weighing, true), { kind: 'done' }]];
    }
    // The hold counts from the first settled weight: a scale that repeats itself does not put it off.
    const until = state.pending?.until ?? at + family.holdMs;
    const hold: ScaleAction[] = state.pending === null ? [{ kind: 'timer', ms: family.holdMs }] : [];
    return [{ ...next, pending: { weighing, until } }, [...requests, measurement(weighing, false), ...hold]];
  };

  const step = (state: ScaleState<M>, event: ScaleEvent): readonly [ScaleState<M>, readonly ScaleAction[]] => {
    switch (event.kind) {
      case 'connected': {
        // A notification may overtake the word that the connection is open; of an earlier connection nothing is left.
        const fresh = state.connection === null ? state : init(state.profile);
        const open = { ...fresh, connection: event.connection, time: event.time, openedAt: event.at };
        const subscribe = family.subscribe
          .filter((characteristic) => event.connection.characteristics.has(characteristic))
          .map((characteristic) => ({ kind: 'subscribe', characteristic }) as const);
        const [next, actions] = take(open, family.connected?.(contextOf(open, event.at), open.memory) ?? { memory: open.memory }, event.at);
        if (family.idleMs === undefined) return [next, [...subscribe, ...actions]];
        return [{ ...next, quietAt: event.at + family.idleMs }, [...subscribe, ...actions, { kind: 'timer', ms: family.idleMs }]];
      }
      case 'notification':
        return take(state, family.heard(state.memory, event.characteristic, event.bytes, contextOf(state, event.at)), event.at);
      case 'answer':
        return take(
          state,
          family.answered?.(state.memory, event.characteristic, event.bytes, contextOf(state, event.at)) ?? { memory: state.memory },
          event.at,
        );
      case 'time': {
        const next = { ...state, time: event.time };
        return take(next, family.timeKnown?.(next.memory, contextOf(next, event.at)) ?? { memory: next.memory }, event.at);
      }
      case 'timer': {
        const [next, actions] = take(state, family.timer?.(state.memory, contextOf(state, event.at)) ?? { memory: state.memory }, event.at);
        if (next.pending !== null && event.at >= next.pending.until) {
          return [{ ...next, pending: null }, [...actions, measurement(next.pending.weighing, true), { kind: 'done' }]];
        }
        if (next.quietAt !== null && event.at >= next.quietAt) return [{ ...next, quietAt: null }, [...actions, { kind: 'done' }]];
        return [next, actions];
      }
      case 'disconnected': {
        const kept: ScaleAction[] = state.pending === null ? [] : [measurement(state.pending.weighing, true)];
        return [init(state.profile), [...kept, { kind: 'done' }]];
      }
    }
  };

  return { family, init, step };
}

/** A session of any family: what a table of families holds. The memory stays the family's own. */
export type AnySession = ScaleSession<unknown>;

/** A family's session whose memory nobody outside it looks at. */
export function anySession<M>(family: ScaleFamily<M>): AnySession {
  const { init, step } = scaleSession(family);
  return {
    family: family as unknown as ScaleFamily<unknown>,
    init,
    step: (state, event) => step(state as ScaleState<M>, event),
  };
}
