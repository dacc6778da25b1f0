/** SHT4x at command level. Source: Sensirion SHT4x datasheet, version 6.5: table 8 (commands), table 4 (times), 4.6 (conversion). */
import type { VirtualChip } from '../i2c.ts';
import { createSensirionChip, wordOf } from './sensirion.ts';

export function createVirtualSht4x(options: {
  readonly nowMs: () => number;
  readonly air: (nowMs: number) => { readonly temperatureC: number; readonly humidityPercent: number };
  readonly address?: number;
  readonly isSpoiled?: () => boolean;
}): VirtualChip {
  const { nowMs, air, address = 0x44, isSpoiled } = options;
  const measuresMs: Readonly<Record<number, number>> = { 253: 8.3, 246: 4.5, 224: 1.6 };
  return createSensirionChip({
    address,
    nowMs,
    commandBytes: 1,
    ...(isSpoiled === undefined ? {} : { isSpoiled }),
    obey(command) {
      if (command === 0x94) return { ms: 1 };
      if (command === 0x89) return { ms: 1, answer: [0x0f4a, 0x9c12] };
      const ms = measuresMs[command];
      if (ms === undefined) return undefined;
      const { temperatureC, humidityPercent } = air(nowMs());
      return { ms, answer: [wordOf((temperatureC + 45) / 175), wordOf((humidityPercent + 6) / 125)] };
    },
  });
}
