/** Bluetooth of the hub: the radio program, what it hears, and the devices that the household added. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../firmware/protocol/time.ts';
import { type Claims, deviceOf, openClaims } from './claims.ts';
import { describeHealth, type RadioHealth } from './radio/health.ts';
import { startRadioProgram } from './radio/program.ts';
import { createReceiver, type ReceiverEvents } from './receiver.ts';
import { createScaleLinks, type ScaleLinksOptions } from './scale-links.ts';
import { createSightings, type Sighting } from './sightings.ts';

export interface BluetoothState {
  readonly kind: RadioHealth['kind'];
  /** For people. */
  readonly message: string;
  readonly adverts: number;
  /** Broadcasts of others' devices: counted, never kept. */
  readonly foreign: number;
  readonly tried: RadioHealth['tried'];
  readonly mended: RadioHealth['mended'];
}

export interface AddedDevice {
  readonly address: string;
  readonly device: string;
  readonly name: string;
  readonly model: string;
  readonly hasKey: boolean;
}

export interface Bluetooth {
  state(): BluetoothState;
  added(): AddedDevice[];
  found(): Sighting[];
  /** From now on it is recorded. Throws ClaimError for an address or a key that cannot be. */
  add(device: { readonly address: string; readonly name?: string | undefined; readonly key?: string | undefined }): AddedDevice;
  /** False when it was not added. */
  remove(address: string): boolean;
  readonly done: Promise<void>;
}

export interface BluetoothOptions {
  readonly root: string;
  readonly data: string;
  readonly hciPort: string | undefined;
  readonly events: ReceiverEvents;
  /** Of whom scales are told, where that is known. */
  readonly profile: ScaleLinksOptions['profile'];
  readonly zoneMinutes: ScaleLinksOptions['zoneMinutes'];
  readonly onChange: () => void;
  readonly log: (text: string) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function startBluetooth(options: BluetoothOptions): Bluetooth {
  const { root, data, hciPort, events, profile, zoneMinutes, onChange, log, clock, signal } = options;
  const claims: Claims = openClaims(`${data}/bluetooth.json`);
  const sightings = createSightings();
  const receiver = createReceiver({
    claims,
    sightings,
    events,
    onConnectable: (claim, advertisement, isRandom) => scales.heard(claim, advertisement, isRandom),
    clock,
    signal,
  });
  const scales = createScaleLinks({
    ask: (asked) => program.ask(asked),
    events: {
      measured: receiver.measured,
      live: receiver.live,
      trouble: events.trouble,
      remember(address, { userSlot, pairingKey }) {
        const claim = claims.of(address);
        if (claim === undefined) return;
        const key = pairingKey === undefined ? {} : { pairingKey: Buffer.from(pairingKey).toString('hex') };
        claims.set({ ...claim, ...(userSlot === undefined ? {} : { userSlot }), ...key });
      },
    },
    profile,
    zoneMinutes,
    random: (bytes) => randomBytes(bytes),
    clock,
    signal,
  });
  const program = startRadioProgram({
    root,
    hciPort,
    onAdvert: receiver.hear,
    onLink: scales.said,
    onEnd: scales.lost,
    onHealth: onChange,
    log,
    clock,
    signal,
  });
  const addedOf = ({ address, name, model, key }: ReturnType<Claims['list']>[number]): AddedDevice => ({
    address,
    device: deviceOf(address),
    name,
    model,
    hasKey: key !== null,
  });
  return {
    state() {
      const health = program.health();
      const { kind, adverts, tried, mended } = health;
      return { kind, message: describeHealth(health), adverts, foreign: receiver.counts().foreign, tried, mended };
    },
    added: () => claims.list().map(addedOf),
    found: () => sightings.list(clock.utc()),
    add({ address: text, name, key }) {
      const address = text.toUpperCase();
      const sighting = sightings.get(address);
      const before = claims.of(address);
      const model = sighting?.model ?? before?.model ?? 'Bluetooth device';
      claims.set({
        ...before,
        address,
        name: name ?? before?.name ?? sighting?.name ?? model,
        model,
        key: key?.toLowerCase().replaceAll(/[\s:-]/g, '') ?? before?.key ?? null,
        counter: before?.counter ?? null,
      });
      sightings.forget(address);
      onChange();
      return addedOf(claims.of(address)!);
    },
    remove(address) {
      const isGone = claims.remove(address.toUpperCase());
      if (isGone) onChange();
      return isGone;
    },
    done: Promise.all([receiver.done, program.done]).then(() => undefined),
  };
}
