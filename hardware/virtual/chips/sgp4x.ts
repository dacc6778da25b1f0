/**
 * SGP40 and SGP41 gas sensors at command level. Source: Sensirion SGP40 datasheet, version 1.2, table 8; SGP41 datasheet, version 1.0,
 * table 9 and 3.2 (conditioning).
 */
import type { VirtualChip } from '../i2c.ts';
import { createSensirionChip } from './sensirion.ts';

export interface VirtualSgp4xOptions {
  readonly model: 'sgp40' | 'sgp41';
  readonly nowMs: () => number;
  /** Raw signals: the more gas the fewer ticks of VOC, the more of NOx. */
  readonly ticks: (nowMs: number) => { readonly voc: number; readonly nox: number };
  readonly isBroken?: boolean;
  /** Told what the driver compensates with: humidity and temperature words. */
  readonly onCompensation?: (humidity: number, temperature: number) => void;
  readonly isSpoiled?: () => boolean;
}

const SERIAL = [0x0000, 0x0248, 0x8f1d] as const;

export function createVirtualSgp4x(options: VirtualSgp4xOptions): VirtualChip {
  const { model, nowMs, ticks, isBroken = false, onCompensation, isSpoiled } = options;
  return createSensirionChip({
    address: 0x59,
    nowMs,
    ...(isSpoiled === undefined ? {} : { isSpoiled }),
    obey(command, words) {
      const now = ticks(nowMs());
      const measured = (ms: number, ...answer: number[]) => {
        if (words.length !== 2) return undefined;
        onCompensation?.(words[0]!, words[1]!);
        return { ms, answer: answer.map(Math.round) };
      };
      if (command === 0x3682) return { ms: 1, answer: SERIAL };
      if (command === 0x3615) return { ms: 1 };
      if (command === 0x280e) {
        const well = model === 'sgp40' ? 0xd400 : 0x5a00;
        const broken = model === 'sgp40' ? 0x4b00 : 0x5a02;
        return { ms: 320, answer: [isBroken ? broken : well] };
      }
      if (model === 'sgp40' && command === 0x260f) return measured(30, now.voc);
      if (model === 'sgp41' && command === 0x2612) return measured(50, now.voc);
      if (model === 'sgp41' && command === 0x2619) return measured(50, now.voc, now.nox);
      return undefined;
    },
  });
}
