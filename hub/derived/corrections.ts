/**
 * Named corrections of a sensor's values, made once, as they come: page, exports, targets and indices see the same value. What the sensor said
 * is kept beside it as `…_uncorrected`, and the log says from when on which correction held.
 */
import type { Static } from 'typebox';
import { type QuantityId, quantities } from '../../firmware/protocol/quantities.ts';
import { Type } from '../../firmware/schema/type.ts';
import { corrected } from '../../firmware/signal/air/corrections.ts';
import { HOME } from '../people/subjects.ts';
import type { Store } from '../store/store.ts';
import type { NewMeasurement } from '../store/vault.ts';

const UNCORRECTED = {
  pm2_5: 'pm2_5_uncorrected',
  pm10: 'pm10_uncorrected',
  co2: 'co2_uncorrected',
  temperature: 'temperature_uncorrected',
  humidity: 'humidity_uncorrected',
  pressure: 'pressure_uncorrected',
} as const satisfies Partial<Record<QuantityId, QuantityId>>;
export type Correctable = keyof typeof UNCORRECTED;

const Device = Type.String({ minLength: 1, maxLength: 100, description: 'id of the device' });
/** As `hearth.yaml` names it. */
export const CorrectionSetting = Type.Union([
  Type.Object({ device: Device, quantity: Type.Literal('pm2_5'), by: Type.Literal('epa-humidity') }, { additionalProperties: false }),
  Type.Object(
    {
      device: Device,
      quantity: Type.Unsafe<Correctable>(Type.Union((Object.keys(UNCORRECTED) as Correctable[]).map((id) => Type.Literal(id)))),
      by: Type.Literal('offset'),
      offset: Type.Number({ minimum: -1000, maximum: 1000 }),
    },
    { additionalProperties: false },
  ),
]);
export type CorrectionSetting = Static<typeof CorrectionSetting>;
/** A household has tens of sensors. */
export const CorrectionList = Type.Array(CorrectionSetting, { maxItems: 100 });

export interface Corrections {
  /** The rows with corrected values, each with what the sensor said behind it. What cannot be corrected now is kept uncorrected alone. */
  of(rows: readonly NewMeasurement[]): NewMeasurement[];
  /** A value for the eye; undefined when it cannot be corrected now. */
  live(device: string, code: number, value: number): number | undefined;
  /** In words, for pages and programs. */
  list(): { readonly device: string; readonly quantity: Correctable; readonly words: string }[];
  /** Holds for what comes from now on, in place of all before. */
  use(settings: readonly CorrectionSetting[]): void;
}

/** Humidity of a room changes in minutes; an older one is another room's or another day's. */
const FRESH_MS = 30 * 60_000;

export const isCorrectable = (id: string): id is Correctable => Object.hasOwn(UNCORRECTED, id);
export const correctables = Object.keys(UNCORRECTED) as readonly Correctable[];

export const wordsOf = (setting: CorrectionSetting): string =>
  setting.by === 'offset'
    ? `${setting.offset > 0 ? '+' : ''}${setting.offset} ${quantities[setting.quantity].unit}`
    : 'for humidity, as the US EPA does (Barkjohn 2022)';

/** `now`: monotonic milliseconds. */
export function openCorrections(settings: readonly CorrectionSetting[], now: () => number): Corrections {
  const byKey = new Map<string, CorrectionSetting>();
  const use = (next: readonly CorrectionSetting[]): void => {
    byKey.clear();
    for (const setting of next) byKey.set(`${setting.device}/${quantities[setting.quantity].code}`, setting);
  };
  use(settings);
  const humidities = new Map<string, { percent: number; atMs: number }>();

  const hear = (device: string, code: number, value: number): void => {
    // One that is spoiled or cannot be corrects nothing, and takes no good one's place.
    const isHumidity = code === quantities.humidity.code && value >= quantities.humidity.min && value <= quantities.humidity.max;
    if (isHumidity) humidities.set(device, { percent: value, atMs: now() });
  };
  /** Of the device itself before any other of the home; whole per cents, so that what is sent again is corrected alike. */
  const humidityNear = (device: string): number | undefined => {
    const own = humidities.get(device);
    const known =
      own !== undefined && now() - own.atMs < FRESH_MS ? [own] : [...humidities.values()].filter(({ atMs }) => now() - atMs < FRESH_MS);
    return known[0] === undefined ? undefined : Math.round(known[0].percent);
  };
  const correctedBy = (setting: CorrectionSetting, value: number): number | undefined => {
    if (setting.by === 'epa-humidity') {
      const humidity = humidityNear(setting.device);
      return humidity === undefined ? undefined : corrected(value, { kind: 'epa-humidity' }, { humidity });
    }
    const { min } = quantities[setting.quantity];
    const moved = value + setting.offset;
    // Less than nothing is what the correction made; what the sensor itself says beyond reason stays to be seen.
    return moved < min && value >= min ? min : moved;
  };

  return {
    of(rows) {
      for (const { device, code, value } of rows) hear(device, code, value);
      return rows.flatMap((row) => {
        const setting = byKey.get(`${row.device}/${row.code}`);
        if (setting === undefined || !Number.isFinite(row.value)) return [row];
        const said = { ...row, device: `${row.device}~uncorrected`, code: quantities[UNCORRECTED[setting.quantity]].code };
        const value = correctedBy(setting, row.value);
        return value === undefined ? [said] : [{ ...row, value }, said];
      });
    },
    live(device, code, value) {
      hear(device, code, value);
      const setting = byKey.get(`${device}/${code}`);
      return setting === undefined ? value : correctedBy(setting, value);
    },
    list: () => [...byKey.values()].map((setting) => ({ device: setting.device, quantity: setting.quantity, words: wordsOf(setting) })),
    use,
  };
}

/** Notes in the home's log from when on which correction holds, and by whose word, where that changed. */
export async function noteCorrections(store: Store, settings: readonly CorrectionSetting[], by = 'hub'): Promise<void> {
  const home = store.vault(HOME);
  const known = new Map<string, Readonly<Record<string, number>>>(
    home
      .ofKind('calibration')
      .flatMap((entry) => (entry.kind === 'calibration' ? [[`${entry.device}/${entry.chip}`, entry.parameters] as const] : [])),
  );
  const wanted = new Map(
    settings.map((setting): [string, { setting: CorrectionSetting; parameters: Record<string, number> }] => [
      `${setting.device}/correction of ${setting.quantity}`,
      { setting, parameters: setting.by === 'offset' ? { offset: setting.offset } : { epaHumidity: 1 } },
    ]),
  );
  for (const [key, { setting, parameters }] of wanted)
    if (JSON.stringify(known.get(key)) !== JSON.stringify(parameters))
      await home.record({ kind: 'calibration', device: setting.device, chip: `correction of ${setting.quantity}`, parameters }, by);
  for (const [key, parameters] of known) {
    const [device, chip] = [key.slice(0, key.lastIndexOf('/')), key.slice(key.lastIndexOf('/') + 1)];
    if (!chip.startsWith('correction of ') || wanted.has(key) || Object.keys(parameters).length === 0) continue;
    await home.record({ kind: 'calibration', device, chip, parameters: {} }, by);
  }
}
