/** What the web server asks of the hub; the composition root answers. */
import type { Command } from '../firmware/protocol/messages.ts';
import type { CorrectionBook } from './derived/correction-book.ts';
import type { HomeVideo } from './ops/video-program.ts';
import type { Wifi } from './ops/wifi/wifi.ts';
import type { People } from './people/people.ts';
import type { Bluetooth } from './sources/ble/bluetooth.ts';
import type { Calibrations } from './sources/calibrations.ts';
import type { Device } from './sources/devices.ts';
import type { DriftCorrection } from './sources/drift-correction.ts';
import type { Store } from './store/store.ts';
import type { StoredMeasurement } from './store/vault.ts';
import type { Sync } from './sync/sync.ts';
import type { CameraState } from './video/camera-state.ts';
import type { Clips } from './video/clips.ts';
import type { VideoEdge } from './video/video-edge.ts';
import type { WakeUp } from './wake-up/wake-up.ts';

/** What open pages are told as it happens. */
export type HouseEvent =
  | { readonly type: 'measurement'; readonly measurement: StoredMeasurement }
  | {
      readonly type: 'live';
      readonly device: string;
      readonly quantity: string;
      readonly value: number;
      readonly at: string;
      /** Whose it is; undefined while nobody knows. */
      readonly subject: string | undefined;
    }
  | { readonly type: 'device'; readonly device: Device }
  | { readonly type: 'video'; readonly camera: CameraState }
  /** The radio, or the Bluetooth devices that were added, changed: to be asked for. */
  | { readonly type: 'bluetooth' }
  /** Somebody is woken, or what they set changed: to be asked for. */
  | { readonly type: 'wake-up'; readonly subject: string };

export interface EdgeState {
  readonly state: 'off' | 'synced' | 'behind' | 'down';
  /** Rows that the edge does not have yet. */
  readonly lag: number;
  readonly lastError: string;
  /** Its address on this machine; empty without an edge. */
  readonly url: string;
}

export interface House {
  readonly version: string;
  readonly startedUtcMs: number;
  /** The hub's data folder. */
  readonly data: string;
  readonly store: Store;
  readonly people: People;
  /** Access from outside the home was switched on. */
  readonly allowsRemote: boolean;
  /** Bearer token of the command line on this machine. */
  readonly cliToken: string;
  devices(): readonly Device[];
  /** Takes a device that is away off the list; false when it is connected or not known. */
  forgetDevice(id: string): boolean;
  /** False when the device is not connected. */
  command(device: string, command: Command): boolean;
  readonly wakeUp?: WakeUp;
  /** By which named corrections values are shown. */
  readonly corrections?: CorrectionBook;
  /** How load cells are calibrated. */
  readonly calibrations?: Calibrations;
  /** How their empty plates drift, and taking it off. */
  readonly drift?: DriftCorrection;
  edge(): EdgeState;
  camera(): CameraState;
  /** The camera's switch and its viewers; undefined when the hub runs without a camera, or is still starting. */
  video?(): HomeVideo | undefined;
  /** Clips of events before the camera. */
  readonly clips?: Clips;
  /** Where WHEP offers go; undefined without an edge. */
  whep(): Pick<VideoEdge, 'ask' | 'camera' | 'region'> | undefined;
  /** Undefined: this hub leaves the network of its machine alone. */
  readonly wifi?: Wifi;
  /** Measurements came into vaults by a person's act: pages and the edge are told. */
  kept(measurements: readonly StoredMeasurement[]): void;
  /** Undefined while it is switched off or not started yet. */
  bluetooth?(): Bluetooth | undefined;
  /** Calls back until the returned function is called. */
  listen(onEvent: (event: HouseEvent) => void): () => void;
  /** Set when the last commit failed; empty when all is well. */
  storeTrouble(): string;
  /** What a person should know of the data: repairs, closed vaults, backups that fail, a disk that fills; and how the time is known. */
  readonly keeping?: () => {
    readonly troubles: readonly string[];
    readonly freeBytes: number;
    readonly isTimeKnown: boolean;
    readonly timeSource: string;
  };
  /** What leaves the hub; undefined until it runs. */
  sync?(): Sync | undefined;
  /** Places where scheduled copies may go, of now; undefined: none. */
  copyPlaces?(): readonly string[];
  /** Where contributions to studies go; undefined: nowhere. */
  readonly statisticsUrl?: string | undefined;
  now(): number;
}
