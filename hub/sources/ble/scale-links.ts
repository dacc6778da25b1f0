/**
 * Connections to the household's body scales: a scale that wakes is connected to, its session is run, and what it weighs is handed on.
 *
 * One link at a time: a scale speaks for half a minute a day, and controllers of small machines hold few links well.
 */
import type { Clock } from '../../../firmware/protocol/time.ts';
import type { Advertisement, BleValue } from './advertisement.ts';
import { type BleClaim, deviceOf } from './claims.ts';
import { civilTimeOf } from './gatt/civil-time.ts';
import { chooseScale } from './gatt/scales/choose.ts';
import type { ScaleProfile, ScaleTime } from './gatt/scales/family.ts';
import type { AnySession, ScaleAction, ScaleEvent, ScaleMeasurement, ScaleState } from './gatt/scales/session.ts';
import type { RadioAsked } from './radio/lines.ts';
import type { LinkSaid } from './radio/program.ts';

const CONNECT_WITHIN_MS = 15_000;
/** Longer than any weigh-in with its composition and its stored records; a scale that holds the link longer is let go. */
const LONGEST_SESSION_MS = 180_000;
/** A scale that was just read advertises on while its display is lit. */
const REST_MS = 20_000;
/** Scales that wake while one is read; the rest wake again when somebody steps on. */
const MOST_WAITING = 8;

/** Where nobody's height, age and sex are known, some scales answer only to somebody; what they compute of him is not kept. */
const ANYBODY: ScaleProfile = { heightCm: 170, ageYears: 40, sex: 'male' };
/** What a scale measures; all else it computes of the person whom it was told about. */
const measuredByScale = new Set(['weight', 'impedance', 'impedance_low', 'impedance_high', 'heart_rate', 'battery']);

export interface ScaleLinkEvents {
  measured(claim: BleClaim, values: readonly BleValue[], about: { readonly deviceTime?: string; readonly agoMs?: number }): void;
  live(claim: BleClaim, values: readonly BleValue[]): void;
  trouble(device: string, message: string): void;
  /** What the scale handed out, to be given back at the next connection. */
  remember(address: string, what: { readonly userSlot?: number; readonly pairingKey?: Uint8Array }): void;
}

export interface ScaleLinksOptions {
  readonly ask: (asked: RadioAsked) => boolean;
  readonly events: ScaleLinkEvents;
  /** Who stands on it, where the household has one grown person whose height, age and sex are known. */
  readonly profile: () => ScaleProfile | undefined;
  /** Minutes ahead of UTC now; undefined while the time is not known. */
  readonly zoneMinutes: () => number | undefined;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface ScaleLinks {
  /** An added device spoke and can be connected to. */
  heard(claim: BleClaim, advertisement: Advertisement, isRandom: boolean): void;
  said(said: LinkSaid): void;
  /** The radio program is gone and every link with it. */
  lost(): void;
}

interface Running {
  readonly link: number;
  readonly claim: BleClaim;
  readonly identity: Advertisement;
  readonly session: AnySession;
  state: ScaleState<unknown>;
  /** Requests run in their order, with the pauses that the family asks for. */
  queue: Promise<void>;
  readonly over: AbortController;
}

export function createScaleLinks({ ask, events, profile, zoneMinutes, random, clock, signal }: ScaleLinksOptions): ScaleLinks {
  const waiting = new Map<string, { claim: BleClaim; identity: Advertisement; isRandom: boolean; session: AnySession }>();
  const restUntilMs = new Map<string, number>();
  let running: Running | undefined;
  let nextLink = 1;

  const time = (): ScaleTime | null => {
    const zone = zoneMinutes();
    if (zone === undefined) return null;
    const utcMs = clock.utc();
    return { utcMs, zoneMinutes: zone, civil: civilTimeOf(utcMs, zone) };
  };
  const measured = (claim: BleClaim, measurement: ScaleMeasurement, person: ScaleProfile | undefined): void => {
    const { values, settled, deviceTime, agoMs } = measurement;
    const own = person === undefined ? values.filter(({ quantity }) => measuredByScale.has(quantity)) : values;
    if (!settled) return events.live(claim, own);
    events.measured(claim, own, { ...(deviceTime === undefined ? {} : { deviceTime }), ...(agoMs === undefined ? {} : { agoMs }) });
  };

  const act = async (open: Running, action: ScaleAction): Promise<void> => {
    const { link, claim, over } = open;
    if (over.signal.aborted) return;
    switch (action.kind) {
      case 'subscribe':
      case 'read':
        ask({ ask: action.kind, link, characteristic: action.characteristic });
        return;
      case 'write': {
        const { characteristic, bytes, withResponse } = action;
        ask({ ask: 'write', link, characteristic, data: Buffer.from(bytes).toString('hex'), withResponse });
        return;
      }
      case 'wait':
        await clock.sleep(action.ms, over.signal).catch(() => undefined);
        return;
      case 'timer':
        void clock.sleep(action.ms, over.signal).then(
          () => step(open, { kind: 'timer', at: clock.monotonic() }),
          () => undefined,
        );
        return;
      case 'measurement':
        return measured(claim, action, profile());
      case 'remember':
        return events.remember(claim.address, action);
      case 'refused':
        return events.trouble(deviceOf(claim.address), `${action.reason} ${action.remedy}`);
      case 'done':
        ask({ ask: 'disconnect', link });
    }
  };
  const step = (open: Running, event: ScaleEvent): void => {
    const [state, actions] = open.session.step(open.state, event);
    open.state = state;
    for (const action of actions) open.queue = open.queue.then(() => act(open, action));
  };

  const next = (): void => {
    if (running !== undefined || signal.aborted) return;
    const [first] = waiting;
    if (first === undefined) return;
    const [address, { claim, identity, isRandom, session }] = first;
    waiting.delete(address);
    const link = nextLink++;
    const over = new AbortController();
    const person = profile() ?? ANYBODY;
    const told = {
      ...person,
      ...(claim.userSlot === undefined ? {} : { userSlot: claim.userSlot }),
      ...(claim.pairingKey === undefined ? {} : { pairingKey: Buffer.from(claim.pairingKey, 'hex') }),
    };
    running = { link, claim, identity, session, state: session.init(told), queue: Promise.resolve(), over };
    if (!ask({ ask: 'connect', link, address, isRandom, withinMs: CONNECT_WITHIN_MS })) return end();
    void clock.sleep(LONGEST_SESSION_MS, AbortSignal.any([over.signal, signal])).then(
      () => ask({ ask: 'disconnect', link }),
      () => undefined,
    );
  };
  const end = (): void => {
    const ended = running;
    if (ended === undefined) return;
    running = undefined;
    restUntilMs.set(ended.claim.address, clock.monotonic() + REST_MS);
    // The last word of a session (a weight that waited for more) is still handed on.
    step(ended, { kind: 'disconnected', at: clock.monotonic() });
    void ended.queue.then(() => {
      ended.over.abort();
      next();
    });
  };

  return {
    heard(claim, identity, isRandom) {
      const { address } = claim;
      if (running?.claim.address === address || waiting.has(address) || waiting.size >= MOST_WAITING) return;
      if (clock.monotonic() < (restUntilMs.get(address) ?? Number.NEGATIVE_INFINITY)) return;
      const session = chooseScale(identity);
      if (session === undefined) return;
      waiting.set(address, { claim, identity, isRandom, session });
      next();
    },
    said(said) {
      const open = running;
      if (open === undefined || said.link !== open.link) return;
      const at = clock.monotonic();
      switch (said.say) {
        case 'connected': {
          const characteristics = new Set(said.characteristics);
          const connection = { address: open.claim.address, name: said.name ?? open.identity.name, characteristics, random: random(16) };
          return step(open, { kind: 'connected', at, connection, time: time() });
        }
        case 'notified':
          return step(open, { kind: 'notification', at, characteristic: said.characteristic, bytes: Buffer.from(said.data, 'hex') });
        case 'answered':
          return step(open, {
            kind: 'answer',
            at,
            characteristic: said.characteristic,
            bytes: said.data === null ? null : Buffer.from(said.data, 'hex'),
          });
        case 'ended':
          return end();
      }
    },
    lost: end,
  };
}
