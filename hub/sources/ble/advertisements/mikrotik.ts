/**
 * MikroTik TG-BT5-IN and TG-BT5-OUT tags: company 0x094F, 18 bytes.
 * Source: help.mikrotik.com, "MikroTik Tag advertisement packets". Fixed point with 8 binary digits; m/s2. Without a check: version, length, bounds.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { i16le, u32le } from './fields.ts';
import { heard, locked, state, value } from './outcome.ts';

const COMPANY = 0x094f;
const GRAVITY = 9.80665;
/** What the indoor tag, which has no thermometer, writes. */
const NO_TEMPERATURE = -32768;

export const mikrotik: AdvertisementFamily = {
  name: 'MikroTik tags',
  companies: [COMPANY],
  decode({ manufacturerData }) {
    const data = manufacturerData.get(COMPANY);
    if (data?.length !== 18 || data[0] !== 1) return undefined;
    const temperature = i16le(data, 10);
    const model = temperature === NO_TEMPERATURE ? 'MikroTik TG-BT5-IN' : 'MikroTik TG-BT5-OUT';
    if (data[1]! & 1) return locked(model);
    const values = [0, 1, 2].map((axis) => value('acceleration', i16le(data, 4 + 2 * axis) / 256 / GRAVITY, axis + 1));
    if (temperature !== NO_TEMPERATURE) values.push(value('temperature', temperature / 256));
    values.push(value('uptime', u32le(data, 12)), value('battery', data[17]! & 0x7f));
    const flags = data[16]!;
    const events = ['reed switch', 'tilt', 'free fall', 'impact x', 'impact y', 'impact z'].map((name, bit) =>
      state(name, (flags & (1 << bit)) !== 0),
    );
    return heard(model, values, { events });
  },
};
