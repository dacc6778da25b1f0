/**
 * Hearth's own devices: the framed line of firmware/protocol/bluetooth-line.ts. What they measure comes in frames, numbered as over a cable, so the
 * standard services beside it are left to phones: one weigh-in would else be two.
 */
import { LINE_FROM_DEVICE, LINE_TO_DEVICE } from '../../../../../firmware/protocol/bluetooth-line.ts';
import { nothing, type ScaleFamily } from '../scales/family.ts';

/** It is there for as long as it is in reach; a link that was lost is soon made again. */
const AGAIN_MS = 1000;

export const hearthDevice: ScaleFamily<null> = {
  id: 'hearth',
  model: 'Hearth device',
  subscribe: [LINE_FROM_DEVICE],
  whole: [],
  holdMs: 0,
  restMs: AGAIN_MS,
  stays: true,
  setsTime: true,
  line: { from: LINE_FROM_DEVICE, to: LINE_TO_DEVICE },
  memory: nothing,
  heard: (memory) => ({ memory }),
};
