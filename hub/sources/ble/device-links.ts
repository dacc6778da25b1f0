/**
 * Connections to the household's Bluetooth devices: one that wakes is connected to, its family's session is run, and what it measures is
 * handed on. Links are opened one after the other and few are held at a time: controllers of small machines hold few well.
 */

import { parts } from '../../../firmware/protocol/bluetooth-line.ts';
import { compositionQuantities, type QuantityId } from '../../../firmware/protocol/quantities.ts';
import type { Clock } from '../../../firmware/protocol/time.ts';
import type { Advertisement, BleValue } from './advertisement.ts';
import { type BleClaim, deviceOfClaim } from './claims.ts';
import { ABOUT, BATTERY, CLOCKS, type DeviceFacts, factOf } from './device-facts.ts';
import type { OpenLine } from './device-lines.ts';
import { chooseSession } from './gatt/choose.ts';
import { civilTimeOf } from './gatt/civil-time.ts';
import { CURRENT_TIME, encodeCurrentTime } from './gatt/control/current-time.ts';
import type { ScaleProfile, ScaleTime } from './gatt/scales/family.ts';
import type { AnySession, ScaleAction, ScaleEvent, ScaleMeasurement, ScaleState } from './gatt/scales/session.ts';
import type { Bond, RadioAsked } from './radio/lines.ts';
import type { LinkSaid } from './radio/program.ts';
import type { About, LogRecord } from './receiver.ts';
import { utcOfCivil } from './record-time.ts';

const CONNECT_WITHIN_MS = 15_000;
/** Longer than any weigh-in with its composition and its stored records; a device that holds the link longer is let go. */
const LONGEST_SESSION_MS = 180_000;
/** A scale that was just read advertises on while its display is lit. */
const REST_MS = 20_000;
/** One that did not let itself be connected to is tried less and less often: it may have gone, or speak to another. */
const REST_AFTER_FAILURE_MS = 30_000;
const MOST_REST_MS = 600_000;
const TOLD_FAILURES = 3;
/** Devices that wake while others are connected to; the rest wake again by themselves. */
const MOST_WAITING = 8;
/** Links that are held at a time: what the weakest controllers of small machines hold. */
const MOST_LINKS = 5;
/** Of them, those that stay as long as the device is worn: the others must get their turn. */
const MOST_STAYING = 3;
/** Of a line, in one write: what an unlengthened link carries. Acknowledgements and commands are short. */
const MOST_LINE_BYTES = 20;
/** A log that broke off in its middle goes on so soon. */
const BROKEN_OFF_MS = 2000;
/** Who was not heard for so long may have measured meanwhile: its log is looked at before its rest is over. */
const UNHEARD_MS = 900_000;
/** A clock that is off by less is left alone. */
const CLOCK_TOLERANCE_MS = 3000;

/** Where nobody's height, age and sex are known, some scales answer only to somebody; what they compute of him is not kept. */
const ANYBODY: ScaleProfile = { heightCm: 170, ageYears: 40, sex: 'male' };
/** What a device computes of the person whom it was told about; all else it measures. */
const computedOfPerson = new Set<QuantityId>([...compositionQuantities, 'height']);

export interface DeviceLinkEvents {
  measured(claim: BleClaim, values: readonly BleValue[], about: About): void;
  logged(claim: BleClaim, records: readonly LogRecord[], spacingMs: number): Promise<void>;
  live(claim: BleClaim, values: readonly BleValue[]): void;
  trouble(device: string, message: string): void;
  /** It speaks frames over this link from now on; what is written goes to it. */
  line?(claim: BleClaim, write: (bytes: Uint8Array) => void): OpenLine;
  /** What the device handed out or said of itself, to be kept. */
  remember(address: string, what: Remembered): void;
}

export interface Remembered {
  readonly userSlot?: number;
  readonly pairingKey?: Uint8Array;
  readonly loggedUntil?: Readonly<Record<string, number>>;
  readonly about?: DeviceFacts;
  readonly family?: string;
  readonly irk?: string;
  /** null: it is forgotten. */
  readonly bond?: Bond | null;
}

export interface DeviceLinksOptions {
  /** Of the radio that heard the device. */
  readonly ask: (asked: Extract<RadioAsked, { link: number }>) => boolean;
  readonly events: DeviceLinkEvents;
  /** Who measures on a device, where that is certain and their height, age and sex are known. */
  readonly profile: (device: string) => ScaleProfile | undefined;
  /** Minutes ahead of UTC at a time; undefined while the time is not known. */
  readonly zoneMinutes: (atUtcMs: number) => number | undefined;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface DeviceLinks {
  /** An added device spoke and can be connected to. `tells`: its broadcasts carry its values. */
  heard(claim: BleClaim, advertisement: Advertisement, about: { readonly isRandom: boolean; readonly tells: boolean }): void;
  /** For how long it was not heard; since the start at most. */
  silentMs(address: string): number;
  /** Whether a link to it is open, or being opened. */
  holds(address: string): boolean;
  /** It was changed by a person: it need not rest, and is connected to anew where what it is told has changed. */
  again(address: string, isToldAnew: boolean): void;
  said(said: LinkSaid): void;
}

interface Waiting {
  readonly claim: BleClaim;
  readonly identity: Advertisement;
  readonly isRandom: boolean;
  readonly tells: boolean;
  readonly session: AnySession;
}

interface Running extends Waiting {
  readonly link: number;
  readonly person: ScaleProfile | undefined;
  state: ScaleState<unknown>;
  isOpen: boolean;
  /** Where it speaks frames. */
  line: OpenLine | undefined;
  /** How far the device's clock is ahead, once it was read. */
  leadMs: number | undefined;
  /** Questions of our own that are not answered yet, by characteristic. */
  readonly asked: Map<string, number>;
  /** What is done is done in order; a step may wait. */
  queue: Promise<void>;
  readonly over: AbortController;
}

export function createDeviceLinks({ ask, events, profile, zoneMinutes, random, clock, signal }: DeviceLinksOptions): DeviceLinks {
  const waiting = new Map<string, Waiting>();
  const running = new Map<number, Running>();
  const restUntilMs = new Map<string, number>();
  const failures = new Map<string, number>();
  const heardAtMs = new Map<string, number>();
  /** How often it was connected to since its users changed. */
  const turns = new Map<string, number>();
  /** Those that need not rest after the link that is being ended. */
  const toldAnew = new Set<string>();
  const startedAtMs = clock.monotonic();
  let nextLink = 1;

  const time = (): ScaleTime | null => {
    const utcMs = clock.utc();
    const zone = zoneMinutes(utcMs);
    return zone === undefined ? null : { utcMs, zoneMinutes: zone, civil: civilTimeOf(utcMs, zone) };
  };
  const measured = ({ claim, person, leadMs }: Running, measurement: ScaleMeasurement): void => {
    const { values, settled, stored, deviceTime, agoMs, userSlot } = measurement;
    const own = person === undefined ? values.filter(({ quantity }) => !computedOfPerson.has(quantity)) : values;
    if (own.length === 0) return;
    if (!settled) return events.live(claim, own);
    // What is stored is of its own time, however lively the device was before.
    events.measured(claim, own, { deviceTime, agoMs, userSlot, leadMs, ...(stored === true && { isLive: false }) });
  };

  const question = (open: Running, characteristic: string): void => {
    open.asked.set(characteristic, (open.asked.get(characteristic) ?? 0) + 1);
    ask({ ask: 'read', link: open.link, characteristic });
  };
  const learn = (open: Running, characteristic: string, bytes: Uint8Array | null): void => {
    const fact = factOf(characteristic, bytes);
    const { claim } = open;
    switch (fact?.kind) {
      case 'about':
        return events.remember(claim.address, { about: fact.facts });
      case 'values':
        return events.measured(claim, fact.values, {});
      case 'clock': {
        const now = time();
        if (now === null || open.leadMs !== undefined) return;
        const deviceUtcMs = utcOfCivil(fact.civil, (atMs) => zoneMinutes(atMs) ?? 0);
        if (deviceUtcMs === undefined) return;
        open.leadMs = deviceUtcMs - now.utcMs;
        const isOff = Math.abs(open.leadMs) > CLOCK_TOLERANCE_MS;
        if (open.session.family.setsTime !== true || characteristic !== CURRENT_TIME || !isOff) return;
        const data = Buffer.from(encodeCurrentTime(now.civil)).toString('hex');
        ask({ ask: 'write', link: open.link, characteristic, data, withResponse: true });
      }
    }
  };

  /** Frames to the device, in parts that every link carries. */
  const writer =
    ({ link }: Running, characteristic: string) =>
    (bytes: Uint8Array): void => {
      for (const part of parts(bytes, MOST_LINE_BYTES))
        ask({ ask: 'write', link, characteristic, data: Buffer.from(part).toString('hex'), withResponse: false });
    };
  const act = async (open: Running, action: ScaleAction): Promise<void> => {
    const { link, claim, over } = open;
    // What was measured is handed on also when the link has gone meanwhile.
    if (action.kind === 'measurement') return measured(open, action);
    if (action.kind === 'log') return events.logged(claim, action.records, action.spacingMs);
    if (action.kind === 'remember') return events.remember(claim.address, action);
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
      case 'refused':
        return events.trouble(deviceOfClaim(claim), `${capital(action.reason)}: ${action.remedy}.`);
      case 'done':
        ask({ ask: 'disconnect', link });
    }
  };
  const step = (open: Running, event: ScaleEvent): void => {
    const [state, actions] = open.session.step(open.state, event);
    open.state = state;
    for (const action of actions) open.queue = open.queue.then(() => act(open, action));
  };

  /** Of several people who agreed on a code with it, whose turn it is: who came last is asked for first. */
  const userOf = ({ address, users = [], ...own }: BleClaim): Pick<BleClaim, 'userSlot' | 'consentCode'> => {
    if (users.length < 2) return own;
    const turn = turns.get(address) ?? 0;
    turns.set(address, turn + 1);
    return users.at(-1 - (turn % users.length))!;
  };
  const next = (): void => {
    if (signal.aborted || running.size >= MOST_LINKS) return;
    // One is connected to at a time: the controller knows no more.
    if ([...running.values()].some(({ isOpen }) => !isOpen)) return;
    const staying = [...running.values()].filter(({ session }) => session.family.stays === true).length;
    // Our own devices are few, and come first of those that stay; one link is left for who passes by.
    const hasRoom = ({ session: { family } }: Waiting): boolean =>
      family.stays !== true || (family.line === undefined ? staying < MOST_STAYING : running.size < MOST_LINKS - 1);
    const first = [...waiting].find(([, one]) => hasRoom(one));
    if (first === undefined) return;
    const [address, wanted] = first;
    waiting.delete(address);
    const { claim, identity, isRandom, session } = wanted;
    const link = nextLink++;
    const over = new AbortController();
    const person = profile(deviceOfClaim(claim));
    const { userSlot, consentCode } = userOf(claim);
    const told: ScaleProfile = {
      ...(person ?? ANYBODY),
      ...(userSlot === undefined ? {} : { userSlot }),
      ...(consentCode === undefined ? {} : { consentCode }),
      ...(claim.pairingKey === undefined ? {} : { pairingKey: Buffer.from(claim.pairingKey, 'hex') }),
      ...(claim.loggedUntil === undefined ? {} : { loggedUntil: claim.loggedUntil }),
    };
    const open: Running = {
      ...wanted,
      link,
      person,
      state: session.init(told),
      isOpen: false,
      line: undefined,
      leadMs: undefined,
      asked: new Map(),
      queue: Promise.resolve(),
      over,
    };
    running.set(link, open);
    const asked = { link, address: identity.address ?? claim.address, isRandom, withinMs: CONNECT_WITHIN_MS };
    if (!ask({ ask: 'connect', ...asked, ...(claim.bond === undefined ? {} : { bond: claim.bond }) })) return end(open);
    if (session.family.stays === true) return;
    void clock.sleep(LONGEST_SESSION_MS, AbortSignal.any([over.signal, signal])).then(
      () => ask({ ask: 'disconnect', link }),
      () => undefined,
    );
  };
  const end = (open: Running): void => {
    if (!running.delete(open.link)) return;
    const { claim, session, tells, isOpen } = open;
    const { restMs = REST_MS, restWhenHeardMs } = session.family;
    const failed = isOpen ? 0 : (failures.get(claim.address) ?? 0) + 1;
    failures.set(claim.address, failed);
    const rest = isOpen
      ? ((tells ? restWhenHeardMs : undefined) ?? restMs)
      : Math.min(MOST_REST_MS, REST_AFTER_FAILURE_MS * 2 ** (failed - 1));
    // A log that broke off in its middle goes on soon.
    const wasWhole = open.state.quietAt === null || session.family.restWhenHeardMs === undefined;
    const isSoon = toldAnew.delete(claim.address) || !wasWhole;
    restUntilMs.set(claim.address, clock.monotonic() + (isSoon ? BROKEN_OFF_MS : rest));
    // The last word of a session (a weight that waited for more) is still handed on.
    step(open, { kind: 'disconnected', at: clock.monotonic() });
    void open.queue.then(() => {
      open.over.abort();
      next();
    });
  };

  // Nothing is waited for any more; what was measured is still handed on.
  signal.addEventListener('abort', () => {
    for (const { over } of running.values()) over.abort();
  });

  return {
    heard(claim, identity, { isRandom, tells }) {
      const { address } = claim;
      const atMs = clock.monotonic();
      const wasAwayMs = atMs - (heardAtMs.get(address) ?? Number.NEGATIVE_INFINITY);
      heardAtMs.set(address, atMs);
      if (waiting.has(address) || waiting.size >= MOST_WAITING) return;
      for (const open of running.values()) if (open.claim.address === address) return;
      if (atMs < (restUntilMs.get(address) ?? Number.NEGATIVE_INFINITY) && wasAwayMs < UNHEARD_MS) return;
      const session = chooseSession(identity);
      if (session === undefined) return;
      waiting.set(address, { claim, identity, isRandom, tells, session });
      next();
    },
    silentMs: (address) => clock.monotonic() - (heardAtMs.get(address) ?? startedAtMs),
    holds: (address) => [...running.values()].some(({ claim }) => claim.address === address),
    again(address, isToldAnew) {
      restUntilMs.delete(address);
      failures.delete(address);
      if (!isToldAnew) return;
      waiting.delete(address);
      turns.delete(address);
      for (const { link, claim } of running.values()) {
        if (claim.address !== address) continue;
        toldAnew.add(address);
        ask({ ask: 'disconnect', link });
      }
    },
    said(said) {
      const open = running.get(said.link);
      if (open === undefined) return;
      const at = clock.monotonic();
      switch (said.say) {
        case 'connected': {
          open.isOpen = true;
          const characteristics = new Set(said.characteristics);
          const connection = { address: open.claim.address, name: said.name ?? open.identity.name, characteristics, random: random(16) };
          events.trouble(deviceOfClaim(open.claim), '');
          events.remember(open.claim.address, { family: open.session.family.id });
          const clockThere = CLOCKS.find((uuid) => characteristics.has(uuid));
          if (clockThere !== undefined) question(open, clockThere);
          const { line } = open.session.family;
          if (line !== undefined && characteristics.has(line.from)) open.line = events.line?.(open.claim, writer(open, line.to));
          step(open, { kind: 'connected', at, connection, time: time() });
          const about = open.claim.about === undefined ? ABOUT : [BATTERY];
          for (const uuid of about) if (characteristics.has(uuid)) open.queue = open.queue.then(() => question(open, uuid));
          return next();
        }
        case 'notified':
          if (open.line !== undefined && said.characteristic === open.session.family.line?.from)
            return open.line.push(Buffer.from(said.data, 'hex'));
          return step(open, { kind: 'notification', at, characteristic: said.characteristic, bytes: Buffer.from(said.data, 'hex') });
        case 'answered': {
          const bytes = said.data === null ? null : Buffer.from(said.data, 'hex');
          const ours = open.asked.get(said.characteristic) ?? 0;
          if (ours === 0) return step(open, { kind: 'answer', at, characteristic: said.characteristic, bytes });
          open.asked.set(said.characteristic, ours - 1);
          return learn(open, said.characteristic, bytes);
        }
        case 'bonded':
          events.trouble(deviceOfClaim(open.claim), '');
          return events.remember(open.claim.address, { bond: said.bond });
        case 'identity':
          return events.remember(open.claim.address, { irk: said.irk });
        case 'unpaired':
          // The old key opens nothing any more; the device is paired with anew as soon as it asks for it.
          events.remember(open.claim.address, { bond: null });
          return events.trouble(deviceOfClaim(open.claim), `It is not paired: ${said.reason}.`);
        case 'ended':
          // One that fell asleep again is no trouble; one that never lets itself be connected to is.
          if (!open.isOpen && (failures.get(open.claim.address) ?? 0) >= TOLD_FAILURES)
            events.trouble(deviceOfClaim(open.claim), `It could not be connected to: ${said.reason}.`);
          open.line?.end(said.reason);
          return end(open);
      }
    },
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
