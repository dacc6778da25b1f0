/** SHT3x at command level. Source: Sensirion SHT3x-DIS datasheet: tables 4 and 9 (times, commands), 4.13 (conversion). */
import type { VirtualChip } from '../i2c.ts';
import { createSensirionChip, wordOf } from './sensirion.ts';

export function createVirtualSht3x(options: {
  readonly nowMs: () => number;
  readonly air: (nowMs: number) => { readonly temperatureC: number; readonly humidityPercent: number };
  readonly address?: number;
  readonly isSpoiled?: () => boolean;
}): VirtualChip {
  const { nowMs, air, address = 0x44, isSpoiled } = options;
  const measuresMs: Readonly<Record<number, number>> = { 0x2400: 15.5, 0x240b: 6.5, 0x2416: 4.5 };
  return createSensirionChip({
    address,
    nowMs,
    ...(isSpoiled === undefined ? {} : { isSpoiled }),
    obey(command) {
      if (command === 0x30a2) return { ms: 1.5 };
      const ms = measuresMs[command];
      if (ms === undefined) return undefined;
      const { temperatureC, humidityPercent } = air(nowMs());
      return { ms, answer: [wordOf((temperatureC + 45) / 175), wordOf(humidityPercent / 100)] };
    },
  });
}
