/** Bluetooth of the hub: the radio program, what it hears, and the devices that the household added. */
import { randomBytes } from 'node:crypto';
import type { Command } from '../../../firmware/protocol/messages.ts';
import type { Clock } from '../../../firmware/protocol/time.ts';
import type { FormulaId } from '../../../firmware/signal/body-composition/formulas.ts';
import { type Captures, createCaptures } from './capture/capture.ts';
import { type BleClaim, type Claims, type ClaimsOptions, deviceOfClaim, openClaims } from './claims.ts';
import { createDeviceLines, type DeviceLinesOptions } from './device-lines.ts';
import { createDeviceLinks, type DeviceLinksOptions } from './device-links.ts';
import { sessionOf } from './gatt/choose.ts';
import { type RadiosOptions, type RadiosState, startRadios } from './radio/radios.ts';
import { createReceiver, type ReceiverEvents, type ReceiverOptions } from './receiver.ts';
import { remember } from './remember.ts';
import { createSightings, type Sighting } from './sightings.ts';

export interface BluetoothState extends RadiosState {
  /** Broadcasts of others' devices: counted, never kept. */
  readonly foreign: number;
}

export interface AddedDevice {
  readonly address: string;
  readonly device: string;
  readonly name: string;
  readonly model: string;
  readonly hasKey: boolean;
  readonly isBonded: boolean;
  /** As it calls itself: maker, model, serial number. */
  readonly about: string;
  /** What it needs of the household; empty when nothing. */
  readonly trouble: string;
  readonly userSlot: number | null;
}

export interface DeviceToAdd {
  readonly address: string;
  readonly name?: string | undefined;
  readonly key?: string | undefined;
  /** The person's number on it, and the code that was agreed with it. */
  readonly userSlot?: number | undefined;
  readonly consentCode?: number | undefined;
  /** Resolves the addresses that it changes to. */
  readonly irk?: string | undefined;
}

export interface Bluetooth {
  state(): BluetoothState;
  added(): AddedDevice[];
  found(): Sighting[];
  /** From now on it is recorded. Throws ClaimError for an address or a key that cannot be. */
  add(device: DeviceToAdd): AddedDevice;
  /** How composition follows from what a device measured, where its family has a formula of its own. */
  formulaOf(device: string): FormulaId | undefined;
  /** False when it was not added. */
  remove(address: string): boolean;
  /** What one chosen device says, for a file; see capture/capture.ts. */
  readonly capture: Captures['capture'];
  readonly near: Captures['near'];
  /** Sends a command over the line of one of our own devices. False when the line is unknown or down. */
  command(link: string, channel: number, command: Command): boolean;
  readonly done: Promise<void>;
}

export interface BluetoothOptions {
  readonly root: string;
  readonly data: string;
  readonly controllers: RadiosOptions['controllers'];
  readonly isPassive: boolean;
  readonly events: ReceiverEvents;
  /** Of our own devices, which speak frames: events and state of each one's line. */
  readonly lines?: Pick<DeviceLinesOptions, 'events' | 'onState'>;
  /** Of whom scales are told, where that is known. */
  readonly profile: DeviceLinksOptions['profile'];
  readonly zoneMinutes: DeviceLinksOptions['zoneMinutes'];
  readonly keptTimes: ReceiverOptions['keptTimes'];
  /** Where devices and their keys are kept, and whose they are. */
  readonly store: ClaimsOptions['store'];
  readonly ownerOf: ClaimsOptions['ownerOf'];
  readonly onChange: () => void;
  readonly log: (text: string) => void;
  readonly clock: Clock & { readonly isKnown?: boolean };
  readonly signal: AbortSignal;
}

export function startBluetooth(options: BluetoothOptions): Bluetooth {
  const { root, data, controllers, isPassive, events, profile, zoneMinutes, keptTimes, store, ownerOf, onChange, log, clock, signal } =
    options;
  const claims: Claims = openClaims({ store, ownerOf, oldFile: `${data}/bluetooth.json` });
  const sightings = createSightings();
  const troubles = new Map<string, string>();
  const trouble = (device: string, message: string): void => {
    if (message === '') troubles.delete(device);
    else troubles.set(device, message);
    events.trouble(device, message);
  };
  const receiver = createReceiver({
    claims,
    sightings,
    events: { ...events, trouble },
    onConnectable: (claim, advertisement, about) => links.heard(claim, advertisement, about),
    zoneMinutes,
    keptTimes,
    clock,
    signal,
  });
  const lines = options.lines === undefined ? undefined : createDeviceLines({ ...options.lines, log, clock });
  const links = createDeviceLinks({
    ask: (asked) => radios.ask(asked),
    events: {
      measured: receiver.measured,
      logged: receiver.logged,
      live: receiver.live,
      trouble,
      ...(lines === undefined ? {} : { line: (claim, write) => lines.open(deviceOfClaim(claim), write) }),
      remember: (address, what) => remember(claims, address, what, links.silentMs),
    },
    profile,
    zoneMinutes,
    random: (bytes) => randomBytes(bytes),
    clock,
    signal,
  });
  const radios = startRadios({
    root,
    controllers,
    isPassive,
    onAdvert(advert) {
      captures.heard(advert);
      receiver.hear(advert);
    },
    onLink(said) {
      if (!captures.said(said)) links.said(said);
    },
    onHealth: onChange,
    log,
    clock,
    signal,
  });
  const captures = createCaptures({ ask: (asked) => radios.ask(asked), isHeld: links.holds, clock, signal });
  const addedOf = (claim: BleClaim): AddedDevice => {
    const { address, name, model, key, bond, about, userSlot } = claim;
    return {
      address,
      device: deviceOfClaim(claim),
      name,
      model,
      hasKey: key !== null,
      isBonded: bond !== undefined,
      trouble: troubles.get(deviceOfClaim(claim)) ?? '',
      about: [about?.maker, about?.model, about?.serial].filter((part) => part !== undefined).join(' '),
      userSlot: userSlot ?? null,
    };
  };
  return {
    state: () => ({ ...radios.state(), foreign: receiver.counts().foreign }),
    added: () => claims.list().map(addedOf),
    found: () => sightings.list(clock.utc()),
    formulaOf(device) {
      const claim = claims.list().find((one) => `${device}-`.startsWith(`${deviceOfClaim(one)}-`));
      return claim?.family === undefined ? undefined : sessionOf(claim.family)?.family.formula;
    },
    add({ address: text, name, key, userSlot, consentCode, irk }) {
      const address = text.toUpperCase();
      const sighting = sightings.get(address);
      const before = claims.of(address);
      const model = sighting?.model ?? before?.model ?? 'Bluetooth device';
      claims.set({
        ...before,
        address,
        name: name ?? before?.name ?? sighting?.name ?? model,
        model,
        key: key === undefined ? (before?.key ?? null) : hexOf(key),
        counter: before?.counter ?? null,
        ...(userSlot === undefined ? {} : { userSlot }),
        ...(consentCode === undefined
          ? {}
          : { consentCode, users: usersWith(before?.users, userSlot ?? before?.userSlot ?? FIRST_USER, consentCode) }),
        ...(irk === undefined ? {} : { irk: hexOf(irk) }),
      });
      sightings.forget(address);
      // With another key or code it may be well now: if not, it is said again.
      trouble(deviceOfClaim(claims.of(address)!), '');
      links.again(address, userSlot !== undefined || consentCode !== undefined);
      onChange();
      return addedOf(claims.of(address)!);
    },
    remove(address) {
      const claim = claims.of(address.toUpperCase());
      if (claim !== undefined) troubles.delete(deviceOfClaim(claim));
      const isGone = claims.remove(address.toUpperCase());
      if (isGone) onChange();
      return isGone;
    },
    capture: captures.capture,
    near: captures.near,
    command: (link, channel, command) => lines?.command(link, channel, command) ?? false,
    done: Promise.all([receiver.done, radios.done]).then(() => undefined),
  };
}

/** Of a device whose persons have numbers, the one who gave none. */
const FIRST_USER = 1;
type Users = NonNullable<BleClaim['users']>;
/** Another code for a person replaces theirs. */
const usersWith = (users: Users = [], userSlot: number, consentCode: number): Users => [
  ...users.filter((one) => one.userSlot !== userSlot),
  { userSlot, consentCode },
];

/** Digits of a key as people copy it, with or without blanks between. */
const hexOf = (text: string): string => text.toLowerCase().replaceAll(/[\s:-]/g, '');
