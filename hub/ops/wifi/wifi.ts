/** The hub's Wi-Fi as its page and command line use it, and the watch that opens the set-up hotspot. */
import { createHash, randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { Clock } from '../../../firmware/protocol/time.ts';
import { writeFileAtomic } from '../files.ts';
import {
  checkedSecret,
  closeHotspot,
  HOTSPOT_ID,
  joinNetwork,
  type KnownNetwork,
  knownNetworks,
  type NewNetwork,
  openHotspot,
  removeProfile,
  setPriority,
} from './profiles.ts';
import { listAccessPoints, type Network, scan } from './scan.ts';
import { type SetUp, stepSetUp } from './set-up.ts';
import { type Connectivity, checkConnectivity, readLink } from './state.ts';
import { WifiError } from './wifi-error.ts';

/** NetworkManager's own range for shared connections (nm-settings, ipv4.method `shared`). */
export const HOTSPOT_ADDRESS = '10.42.0.1';
const MACHINE_ID = '/etc/machine-id';
const WATCH_MS = 10_000;
/** Without letters that are read as others. */
const SECRET_LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
/** 31^12 is 59 bits: nobody tries those over the air. */
const SECRET_LENGTH = 12;
const HIGHEST_PRIORITY = 900;

export interface JoinRequest {
  readonly name: string;
  /** Empty for an open network. */
  readonly passphrase: string;
  readonly isHidden: boolean;
}

export type JoinOutcome =
  | { readonly kind: 'joining'; readonly network: string }
  | { readonly kind: 'joined'; readonly network: string }
  | { readonly kind: 'failed'; readonly network: string; readonly message: string; readonly remedy: string };

export interface WifiState {
  readonly kind: 'unusable' | 'disconnected' | 'connected' | 'hotspot';
  /** Of the network or the hotspot; empty without. */
  readonly network: string;
  /** 0 to 100. */
  readonly signal: number;
  /** Address of the access point in use; it changes as the hub roams between those of one name. */
  readonly accessPoint: string;
  readonly connectivity: Connectivity;
  readonly message: string;
  readonly remedy: string;
  readonly known: readonly Pick<KnownNetwork, 'name' | 'priority' | 'isConnected'>[];
  readonly lastJoin: JoinOutcome | null;
}

export interface Wifi {
  state(): Promise<WifiState>;
  /** Takes some seconds. While the hotspot is open the networks are those seen before. Rejects with WifiError. */
  scan(): Promise<readonly Network[]>;
  /** Begins to join; how it went is resolved with, and said by `state().lastJoin`. Throws WifiError when it cannot begin. */
  join(request: JoinRequest): Promise<JoinOutcome>;
  /** Rejects with WifiError. */
  forget(name: string): Promise<void>;
  /** Puts a known network before all others. Rejects with WifiError. */
  prefer(name: string): Promise<void>;
  /** Whether the set-up hotspot is open now. */
  readonly isHotspotOpen: boolean;
  /** Settles once the signal was aborted and the hotspot is closed. */
  readonly done: Promise<void>;
}

export interface WifiOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Opens a hotspot of this name when the hub can be reached in no other way; undefined: never. */
  readonly hotspot?: { readonly name: string; readonly secretFile: string } | undefined;
  /** Told as the hotspot opens and closes. */
  readonly onHotspot?: (hotspot: { readonly name: string; readonly secret: string } | undefined) => void;
}

const connectivityWords: Readonly<Record<Connectivity, { message: string; remedy: string }>> = {
  full: { message: '', remedy: '' },
  unknown: { message: '', remedy: '' },
  portal: {
    message: 'This network wants a sign-in on a page of its own first.',
    remedy: 'The hub cannot do that: choose another network, or have it let the hub pass.',
  },
  limited: {
    message: 'This network has no internet now.',
    remedy: 'Measuring goes on; what is to be sent waits here until it is back.',
  },
  none: { message: 'The hub is in no network.', remedy: 'Measuring goes on; choose a network below.' },
};

export function openWifi({ clock, signal, hotspot, onHotspot = () => undefined }: WifiOptions): Wifi {
  let seen: readonly Network[] = [];
  let lastJoin: JoinOutcome | null = null;
  let setUp: SetUp = { kind: 'connected' };
  let joining: Promise<unknown> = Promise.resolve();
  const isJoining = (): boolean => lastJoin?.kind === 'joining';
  const isHotspotOpen = (): boolean => setUp.kind === 'hotspot';

  const look = async (): Promise<readonly Network[]> => {
    // A radio that is a hotspot hears nothing else.
    if (!isHotspotOpen()) seen = await scan(signal);
    return seen;
  };

  const open = async (): Promise<void> => {
    if (hotspot === undefined) return;
    const link = await readLink();
    if (link.radio.kind !== 'ready') return;
    seen = await scan(signal).catch(() => seen);
    const secret = hotspotSecret(hotspot.secretFile);
    await openHotspot({ ssid: hotspot.name, passphrase: secret, device: link.radio.device, address: `${HOTSPOT_ADDRESS}/24` });
    onHotspot({ name: hotspot.name, secret });
  };
  const close = async (): Promise<void> => {
    await closeHotspot();
    onHotspot(undefined);
  };

  const join = async (network: NewNetwork): Promise<JoinOutcome> => {
    const { ssid } = network;
    const wasHotspot = isHotspotOpen();
    try {
      await joinNetwork(network, await knownNetworks(), signal);
      if (wasHotspot) await close();
      setUp = { kind: 'connected' };
      return { kind: 'joined', network: ssid };
    } catch (error) {
      const { message, remedy } = error instanceof WifiError ? error : new WifiError('other', String(error), 'Try again in a minute.');
      // The radio is the hotspot again before the message is there to be read.
      if (wasHotspot && !signal.aborted) await open().catch(() => undefined);
      return { kind: 'failed', network: ssid, message, remedy };
    }
  };

  const knownNamed = async (name: string): Promise<KnownNetwork[]> => {
    const known = await knownNetworks();
    const own = known.filter((one) => one.name === name);
    if (own.length > 0) return own;
    const others = known.map((one) => `'${one.name}'`).join(', ');
    throw new WifiError(
      'not-found',
      `No network called '${name}' is known.`,
      others === '' ? 'None is known yet.' : `Known are ${others}.`,
    );
  };

  const watch = async (): Promise<void> => {
    // One left behind by a power cut would keep the radio from joining.
    await closeHotspot();
    while (!signal.aborted) {
      const link = await readLink();
      const facts = {
        isConnected: link.isWired || (link.wifi !== '' && link.wifi !== HOTSPOT_ID),
        hasRadio: link.radio.kind === 'ready',
        isKnown: (await knownNetworks().catch(() => [])).length > 0,
        isJoining: isJoining(),
      };
      const [next, action] = stepSetUp(setUp, facts, clock.monotonic());
      const before = setUp;
      // A join that began while this looked has the radio now.
      if (!isJoining()) {
        setUp = next;
        try {
          if (action === 'open') await open();
          if (action === 'close') await close();
        } catch (error) {
          setUp = before;
          console.error(`Wi-Fi: ${error instanceof WifiError ? `${error.message} ${error.remedy}` : error}`);
        }
      }
      await clock.sleep(WATCH_MS, signal).catch(() => undefined);
    }
    await joining;
    if (isHotspotOpen()) await close();
  };

  return {
    async state() {
      const link = await readLink();
      const none = { network: '', signal: 0, accessPoint: '', connectivity: 'none', known: [], lastJoin } as const;
      if (link.radio.kind === 'unusable')
        return { ...none, kind: 'unusable', message: link.radio.trouble.message, remedy: link.radio.trouble.remedy };
      const known = (await knownNetworks().catch(() => [])).map(({ name, priority, isConnected }) => ({ name, priority, isConnected }));
      if (isHotspotOpen())
        return { ...none, known, kind: 'hotspot', network: hotspot?.name ?? '', message: 'The hub waits to be set up.', remedy: '' };
      if (link.wifi === '') return { ...none, known, kind: 'disconnected', ...connectivityWords.none };
      const point = (await listAccessPoints(signal).catch(() => [])).find(({ isConnected }) => isConnected);
      const connectivity = await checkConnectivity().catch(() => 'unknown' as const);
      const network = known.find(({ isConnected }) => isConnected)?.name ?? link.wifi;
      const words = connectivityWords[connectivity];
      return {
        kind: 'connected',
        network,
        signal: point?.signal ?? 0,
        accessPoint: point?.bssid ?? '',
        connectivity,
        known,
        lastJoin,
        ...words,
      };
    },
    scan: look,
    join({ name, passphrase, isHidden }) {
      if (isJoining()) throw new WifiError('busy', `The hub is joining '${lastJoin?.network}' just now.`, 'Wait a minute.');
      const network = seen.filter((one) => one.name === name);
      const unsupported = network.find((one) => one.unsupported !== '')?.unsupported ?? '';
      if (network.length > 0 && network.every((one) => one.unsupported !== ''))
        throw new WifiError('unsupported', `The hub cannot join '${name}'.`, unsupported);
      const usable = network.find((one) => one.unsupported === '')?.security ?? (passphrase === '' ? 'open' : 'wpa');
      if (usable === 'enterprise' || usable === 'wep') throw new WifiError('unsupported', `The hub cannot join '${name}'.`, unsupported);
      const request = { ssid: name, security: usable, passphrase, isHidden, priority: 0 };
      checkedSecret(request);
      lastJoin = { kind: 'joining', network: name };
      const outcome = join(request).then((how) => {
        lastJoin = how;
        return how;
      });
      joining = outcome;
      return outcome;
    },
    async forget(name) {
      for (const { uuid } of await knownNamed(name)) await removeProfile(uuid);
    },
    async prefer(name) {
      const [first] = await knownNamed(name);
      const others = (await knownNetworks()).filter((one) => one.name !== name);
      const highest = Math.max(0, ...others.map(({ priority }) => priority));
      // NetworkManager takes -999 to 999; before that is reached all are counted again from the bottom.
      if (highest >= HIGHEST_PRIORITY) {
        for (const [index, { uuid }] of others.reverse().entries()) await setPriority(uuid, index);
        await setPriority(first!.uuid, others.length);
      } else if (first!.priority <= highest) await setPriority(first!.uuid, highest + 1);
    },
    get isHotspotOpen() {
      return isHotspotOpen();
    },
    done: hotspot === undefined ? Promise.resolve() : watch(),
  };
}

/** The hotspot of this machine: its name differs from a neighbour's, its password lies in the data folder. */
export function hotspotOf(data: string): NonNullable<WifiOptions['hotspot']> {
  const machine = existsSync(MACHINE_ID) ? readFileSync(MACHINE_ID, 'utf8').trim() : '';
  // The id itself is not for the air (machine-id(5)).
  const mark = createHash('sha256').update(`hearth ${machine}`).digest('hex').slice(0, 4).toUpperCase();
  return { name: `Hearth-${mark}`, secretFile: `${data}/hotspot.secret` };
}

/** The hotspot's password: drawn once, so that a label stays true. */
export function hotspotSecret(file: string): string {
  if (existsSync(file)) {
    const kept = readFileSync(file, 'utf8').trim();
    if (kept.length === SECRET_LENGTH) return kept;
  }
  const secret = Array.from({ length: SECRET_LENGTH }, () => SECRET_LETTERS[randomInt(SECRET_LETTERS.length)]).join('');
  writeFileAtomic(file, `${secret}\n`);
  return secret;
}
