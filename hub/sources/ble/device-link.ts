/** An open link to a device: its family's session is run over it, it is asked about itself, and what it measures is handed on. */

import { parts } from '../../../firmware/protocol/bluetooth-line.ts';
import { compositionQuantities, type QuantityId } from '../../../firmware/protocol/quantities.ts';
import type { Clock } from '../../../firmware/protocol/time.ts';
import type { Advertisement, BleValue } from './advertisement.ts';
import { type BleClaim, deviceOfClaim } from './claims.ts';
import { ABOUT, BATTERY, CLOCKS, type DeviceFacts, factOf } from './device-facts.ts';
import type { OpenLine } from './device-lines.ts';
import { civilTimeOf } from './gatt/civil-time.ts';
import { CURRENT_TIME, encodeCurrentTime } from './gatt/control/current-time.ts';
import type { ScaleProfile, ScaleTime } from './gatt/scales/family.ts';
import type { AnySession, ScaleAction, ScaleEvent, ScaleMeasurement, ScaleState } from './gatt/scales/session.ts';
import type { Bond, RadioAsked } from './radio/lines.ts';
import type { LinkSaid } from './radio/program.ts';
import type { About, LogRecord } from './receiver.ts';
import { utcOfCivil } from './record-time.ts';

/** Of a line, in one write: what an unlengthened link carries. Acknowledgements and commands are short. */
const MOST_LINE_BYTES = 20;
/** A clock that is off by less is left alone. */
const CLOCK_TOLERANCE_MS = 3000;

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

/** A link that is being opened, or is open. */
export interface DeviceLink {
  readonly claim: BleClaim;
  readonly identity: Advertisement;
  readonly session: AnySession;
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

export interface DeviceLinkOptions {
  /** Of the radio that heard the device. */
  readonly ask: (asked: Extract<RadioAsked, { link: number }>) => boolean;
  readonly events: DeviceLinkEvents;
  /** Minutes ahead of UTC at a time; undefined while the time is not known. */
  readonly zoneMinutes: (atUtcMs: number) => number | undefined;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: Clock;
}

export interface LinkWork {
  step(open: DeviceLink, event: ScaleEvent): void;
  /** What the radio said of this link, but its end. */
  said(open: DeviceLink, said: Exclude<LinkSaid, { say: 'ended' }>): void;
}

export function createLinkWork({ ask, events, zoneMinutes, random, clock }: DeviceLinkOptions): LinkWork {
  const time = (): ScaleTime | null => {
    const utcMs = clock.utc();
    const zone = zoneMinutes(utcMs);
    return zone === undefined ? null : { utcMs, zoneMinutes: zone, civil: civilTimeOf(utcMs, zone) };
  };
  const measured = ({ claim, person, leadMs }: DeviceLink, measurement: ScaleMeasurement): void => {
    const { values, settled, stored, deviceTime, agoMs, userSlot } = measurement;
    const own = person === undefined ? values.filter(({ quantity }) => !computedOfPerson.has(quantity)) : values;
    if (own.length === 0) return;
    if (!settled) return events.live(claim, own);
    // What is stored is of its own time, however lively the device was before.
    events.measured(claim, own, { deviceTime, agoMs, userSlot, leadMs, ...(stored === true && { isLive: false }) });
  };

  const question = (open: DeviceLink, characteristic: string): void => {
    open.asked.set(characteristic, (open.asked.get(characteristic) ?? 0) + 1);
    ask({ ask: 'read', link: open.link, characteristic });
  };
  const learn = (open: DeviceLink, characteristic: string, bytes: Uint8Array | null): void => {
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
    ({ link }: DeviceLink, characteristic: string) =>
    (bytes: Uint8Array): void => {
      for (const part of parts(bytes, MOST_LINE_BYTES))
        ask({ ask: 'write', link, characteristic, data: Buffer.from(part).toString('hex'), withResponse: false });
    };
  const act = async (open: DeviceLink, action: ScaleAction): Promise<void> => {
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
  const step = (open: DeviceLink, event: ScaleEvent): void => {
    const [state, actions] = open.session.step(open.state, event);
    open.state = state;
    for (const action of actions) open.queue = open.queue.then(() => act(open, action));
  };

  return {
    step,
    said(open, said) {
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
          return;
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
      }
    },
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
