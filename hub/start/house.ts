/** The house as the web server and the rights see it, put together from its parts. */
import type { CorrectionBook } from '../derived/correction-book.ts';
import type { Derivation } from '../derived/derive.ts';
import type { EdgeState, House } from '../house.ts';
import type { Config } from '../ops/config.ts';
import { secretIn } from '../ops/files.ts';
import type { Keeping } from '../ops/keeping.ts';
import type { Wifi } from '../ops/wifi/wifi.ts';
import type { People } from '../people/people.ts';
import { copyPlaces } from '../rights/copies/places.ts';
import type { Calibrations } from '../sources/calibrations.ts';
import type { Devices } from '../sources/devices.ts';
import { openDriftCorrection } from '../sources/drift-correction.ts';
import { EMBEDDED } from '../sync/sync.ts';
import type { CameraState } from '../video/camera-state.ts';
import type { Clips } from '../video/clips.ts';
import type { WakeUp } from '../wake-up/wake-up.ts';
import type { Arrivals } from './arrivals.ts';
import type { Channels } from './channels.ts';
import type { Later } from './later.ts';
import type { Listeners } from './listeners.ts';

const OFF: CameraState = { state: 'off', fps: 0, width: 0, height: 0, message: '', name: '', region: '' };

export interface HouseParts {
  readonly version: string;
  readonly startedUtcMs: number;
  readonly config: Config;
  readonly keeping: Keeping;
  readonly people: People;
  readonly devices: Devices;
  readonly channels: Channels;
  readonly corrections: CorrectionBook;
  readonly calibrations: Calibrations;
  readonly derivation: Derivation;
  readonly wakeUp: WakeUp;
  readonly clips: Clips;
  readonly wifi: Wifi;
  readonly arrivals: Arrivals;
  readonly listeners: Listeners;
  readonly later: Later;
}

export function houseOf(parts: HouseParts): House {
  const { config, keeping, people, derivation, arrivals, later } = parts;
  const { clock, store, upkeep } = keeping;
  return {
    version: parts.version,
    startedUtcMs: parts.startedUtcMs,
    data: config.data,
    store,
    people,
    allowsRemote: config.remote,
    cliToken: secretIn(`${config.data}/cli.token`),
    devices: parts.devices.list,
    forgetDevice: parts.devices.forget,
    command: parts.channels.command,
    calibrations: parts.calibrations,
    drift: openDriftCorrection({ store, calibrations: parts.calibrations, devices: parts.devices.list, now: clock.utc }),
    corrections: parts.corrections,
    wakeUp: parts.wakeUp,
    edge: () => edgeState(later),
    camera: () => later.video?.state() ?? OFF,
    video: () => later.video,
    clips: parts.clips,
    wifi: parts.wifi,
    bluetooth: () => later.bluetooth,
    whep: () => later.video?.edge(),
    kept(stored) {
      arrivals.kept(stored);
      // What was just given to a person has not been computed from yet.
      void derivation.of(stored, []).then(arrivals.kept);
    },
    listen: parts.listeners.listen,
    storeTrouble: arrivals.storeTrouble,
    keeping: () => ({
      troubles: [
        ...upkeep.troubles(),
        ...(later.daily?.troubles() ?? []),
        ...(people.policy.trouble === '' ? [] : [people.policy.trouble]),
      ],
      freeBytes: upkeep.disk.freeBytes,
      isTimeKnown: clock.isKnown,
      timeSource: clock.source,
    }),
    sync: () => later.sync,
    copyPlaces: () => copyPlaces(config.copies),
    statisticsUrl: config.statistics,
    now: clock.utc,
  };
}

function edgeState({ edge, sync }: Later): EdgeState {
  const own = sync?.state().find(({ name }) => name === EMBEDDED);
  if (edge === undefined || own === undefined) return { state: 'off', lag: 0, lastError: '', url: '' };
  const { lag, lastError } = own;
  return { state: !edge.isRunning() || lastError !== '' ? 'down' : lag > 0 ? 'behind' : 'synced', lag, lastError, url: edge.url };
}
