/** The parts of the hub that come up after the page: each is undefined until it runs, and for ever where it is switched off. */
import type { EdgeProgram } from '../ops/edge-program.ts';
import type { HomeVideo } from '../ops/video-program.ts';
import type { Chores } from '../rights/chores.ts';
import type { Bluetooth } from '../sources/ble/bluetooth.ts';
import type { Rig } from '../sources/rig.ts';
import type { Sync } from '../sync/sync.ts';

export interface Later {
  rig?: Rig;
  edge?: EdgeProgram;
  sync?: Sync;
  bluetooth?: Bluetooth;
  video?: HomeVideo;
  daily?: Chores;
}

/** Resolves when each part that ran has ended. */
export async function ended({ rig, edge, sync, video, bluetooth, daily }: Later): Promise<void> {
  await Promise.all([rig?.done, edge?.done, sync?.done, video?.done, bluetooth?.done, daily?.done]);
}
