/**
 * Connections to the household's Bluetooth devices: one that wakes is connected to, its family's session is run, and what it measures is
 * handed on. Links are opened one after the other and few are held at a time: controllers of small machines hold few well.
 */

import type { Advertisement } from './advertisement.ts';
import { type BleClaim, deviceOfClaim } from './claims.ts';
import { createLinkWork, type DeviceLink, type DeviceLinkOptions } from './device-link.ts';
import { chooseSession } from './gatt/choose.ts';
import type { ScaleProfile } from './gatt/scales/family.ts';
import type { LinkSaid } from './radio/program.ts';

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
/** A log that broke off in its middle goes on so soon. */
const BROKEN_OFF_MS = 2000;
/** Who was not heard for so long may have measured meanwhile: its log is looked at before its rest is over. */
const UNHEARD_MS = 900_000;

/** Where nobody's height, age and sex are known, some scales answer only to somebody; what they compute of him is not kept. */
const ANYBODY: ScaleProfile = { heightCm: 170, ageYears: 40, sex: 'male' };

export interface DeviceLinksOptions extends DeviceLinkOptions {
  /** Who measures on a device, where that is certain and their height, age and sex are known. */
  readonly profile: (device: string) => ScaleProfile | undefined;
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

interface Waiting extends Pick<DeviceLink, 'claim' | 'identity' | 'session'> {
  readonly isRandom: boolean;
  readonly tells: boolean;
}

interface Running extends DeviceLink, Waiting {}

export function createDeviceLinks(options: DeviceLinksOptions): DeviceLinks {
  const { ask, events, profile, clock, signal } = options;
  const work = createLinkWork(options);
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
    work.step(open, { kind: 'disconnected', at: clock.monotonic() });
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
      if (said.say !== 'ended') {
        work.said(open, said);
        if (said.say === 'connected') next();
        return;
      }
      // One that fell asleep again is no trouble; one that never lets itself be connected to is.
      if (!open.isOpen && (failures.get(open.claim.address) ?? 0) >= TOLD_FAILURES)
        events.trouble(deviceOfClaim(open.claim), `It could not be connected to: ${said.reason}.`);
      open.line?.end(said.reason);
      end(open);
    },
  };
}
