/**
 * Values that the hub computes from what was just kept, into the same vault, each with the formula, its version and its inputs. What is
 * computed is never in the way of what was measured: a formula that fails is said, and the measurement stands.
 *
 * A derived value has the identity of its main input and a device of its own, so that it is kept once as its input is.
 */
import { type QuantityId, quantities } from '../../firmware/protocol/quantities.ts';
import type { FormulaId } from '../../firmware/signal/body-composition/formulas.ts';
import { dayIn } from '../people/age.ts';
import type { Identities } from '../people/identity.ts';
import { HOME } from '../people/subjects.ts';
import type { Store } from '../store/store.ts';
import type { NewMeasurement, StoredMeasurement, Vault } from '../store/vault.ts';
import { humidityOf, type ParticleHours, particleIndices } from './air.ts';
import { bodyOf } from './body.ts';
import { type Derived, sourcesOf } from './derived.ts';
import { nightsFrom } from './sleep.ts';

export interface Derivation {
  /** Rows new in vaults that follow from those just stored. `rows` are what they were stored from. Never rejects. */
  of(stored: readonly StoredMeasurement[], rows: readonly NewMeasurement[]): Promise<StoredMeasurement[]>;
  /** What follows from what was kept lately and was not computed, because the hub was stopped or killed in between. Never rejects. */
  catchUp(nowUtcMs: number): Promise<StoredMeasurement[]>;
}

export interface DerivationOptions {
  readonly store: Store;
  readonly identities: Pick<Identities, 'get'>;
  readonly zone: string;
  readonly failed: (message: string) => void;
  /** The formula of a product's own family; undefined: the hub's usual one. */
  readonly formulaOf?: (device: string) => FormulaId | undefined;
  /** Whether a person lets a value be made of them. */
  readonly mayMake?: (subject: string, code: number) => boolean;
}

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** A room's dew point follows from two curves that are kept anyway: a point now and then is enough for the eye, and spares the disk. */
const HUMIDITY_EVERY_MS = 600_000;
/** Nights are looked for so often, in so much of the past: a night and the day around it. */
const SLEEP_EVERY_MS = 600_000;
const SLEEP_LOOK_MS = 36 * HOUR_MS;

interface FromRow {
  readonly main: StoredMeasurement;
  readonly derived: readonly Derived[];
  /** Where the value's span begins, if not with its main input's. */
  readonly startMs?: number;
}

export function openDerivation(options: DerivationOptions): Derivation {
  const { store, identities, zone, failed, mayMake = () => true, formulaOf = () => undefined } = options;
  /** By device: when its humidity was last computed from. */
  const dewed = new Map<string, number>();
  /** By device: the hour whose indices were computed last. */
  const indexed = new Map<string, number>();

  const hoursBefore = (device: string, hour: number): ParticleHours => {
    const of = (quantity: 'pm2_5' | 'pm10'): (number | undefined)[] => {
      const fromMs = (hour - HOURS) * HOUR_MS;
      const points = store.vault(HOME).series({ quantity, device, fromMs, toMs: hour * HOUR_MS, points: HOURS });
      const means = new Map(points.map(({ startMs, mean }) => [Math.floor(startMs / HOUR_MS), mean]));
      return Array.from({ length: HOURS }, (_, at) => means.get(hour - 1 - at));
    };
    return { pm2_5: of('pm2_5'), pm10: of('pm10') };
  };

  const fromAir = (moment: ReadonlyMap<string, StoredMeasurement>): FromRow[] => {
    const out: FromRow[] = [];
    const temperature = moment.get('temperature');
    if (temperature !== undefined && temperature.end - (dewed.get(temperature.device) ?? Number.NEGATIVE_INFINITY) >= HUMIDITY_EVERY_MS) {
      const derived = humidityOf(moment);
      if (derived.length > 0) dewed.set(temperature.device, temperature.end);
      out.push({ main: temperature, derived });
    }
    const particles = moment.get('pm2_5') ?? moment.get('pm10');
    if (particles === undefined) return out;
    // As in the summaries, what ends with an hour is of that hour.
    const hour = Math.ceil(particles.end / HOUR_MS) - 1;
    const before = indexed.get(particles.device);
    indexed.set(particles.device, Math.max(hour, before ?? hour));
    // The first reading of an hour closes the ones before it.
    if (before !== undefined && hour > before)
      out.push({ main: particles, derived: particleIndices(hoursBefore(particles.device, hour), sourcesOf([particles])) });
    return out;
  };

  /** By subject and tracker: the end of the minute at which nights were looked for. */
  const slept = new Map<string, number>();

  const fromCounts = (subject: string, minute: StoredMeasurement): FromRow[] => {
    const key = `${subject}/${minute.device}`;
    if (minute.end - (slept.get(key) ?? Number.NEGATIVE_INFINITY) < SLEEP_EVERY_MS) return [];
    slept.set(key, minute.end);
    const query = { quantity: 'activity_counts', device: minute.device, fromMs: minute.end - SLEEP_LOOK_MS } as const;
    const minutes = [...store.vault(subject).range(query)].filter(({ end }) => end <= minute.end).sort((a, b) => a.end - b.end);
    return nightsFrom(minutes).map(({ last, startMs, derived }) => ({ main: last, startMs, derived }));
  };

  const fromMoment = (subject: string, moment: ReadonlyMap<string, StoredMeasurement>): FromRow[] => {
    if (subject === HOME) return fromAir(moment);
    const counts = moment.get('activity_counts');
    const nights = counts === undefined ? [] : fromCounts(subject, counts);
    const weight = moment.get('weight');
    if (weight === undefined) return nights;
    return [
      ...nights,
      { main: weight, derived: bodyOf(moment, identities.get(subject), dayIn(zone, weight.end), formulaOf(weight.device)) },
    ];
  };

  const keep = async (subject: string, found: () => readonly FromRow[], rows: readonly NewMeasurement[]): Promise<StoredMeasurement[]> => {
    try {
      const fresh = found()
        .flatMap(({ main, derived, startMs }) => derived.map((one) => rowOf(main, one, startMs ?? main.start, rows)))
        .filter(({ code }) => mayMake(subject, code));
      return fresh.length > 0 ? await store.vault(subject).commit(fresh) : [];
    } catch (error) {
      failed(`what follows from the last readings was not computed: ${error instanceof Error ? error.message : error}`);
      return [];
    }
  };

  /** Of a person: weigh-ins, and the nights of each tracker. */
  const missedOf = (subject: string, fromMs: number): FromRow[] => {
    const vault = store.vault(subject);
    const read = (quantity: QuantityId): StoredMeasurement[] => [...vault.range({ quantity, fromMs })];
    const weighIns = momentsOf((['weight', 'impedance', 'impedance_low', 'bmi', 'fat_ratio'] as const).flatMap(read)).get(subject) ?? [];
    const newest = new Map(read('activity_counts').map((minute) => [minute.device, minute]));
    return [
      ...weighIns.filter((moment) => moment.has('weight')).flatMap((moment) => fromMoment(subject, moment)),
      ...[...newest.values()].flatMap((minute) => fromCounts(subject, minute)),
    ].filter(({ main, derived }) => isMissing(vault, main, derived));
  };
  /** Of the home: each hour of particles that closed. */
  const missedOfHome = (fromMs: number): FromRow[] => {
    const vault = store.vault(HOME);
    const firsts = new Map<string, StoredMeasurement>();
    for (const row of [...vault.range({ quantity: 'pm2_5', fromMs })].sort((a, b) => a.end - b.end)) {
      const hour = Math.ceil(row.end / HOUR_MS) - 1;
      if (row.flag === 'ok' && !firsts.has(`${row.device}/${hour}`)) firsts.set(`${row.device}/${hour}`, row);
      indexed.set(row.device, Math.max(hour, indexed.get(row.device) ?? hour));
    }
    return [...firsts.values()].flatMap((main) => {
      if (vault.computedFrom(idOf(main)).length > 0) return [];
      const hour = Math.ceil(main.end / HOUR_MS) - 1;
      return [{ main, derived: particleIndices(hoursBefore(main.device, hour), sourcesOf([main])) }];
    });
  };

  return {
    async of(stored, rows) {
      const out: StoredMeasurement[] = [];
      for (const [subject, moments] of momentsOf(stored))
        out.push(...(await keep(subject, () => moments.flatMap((moment) => fromMoment(subject, moment)), rows)));
      return out;
    },
    async catchUp(nowUtcMs) {
      const out: StoredMeasurement[] = [];
      const fromMs = nowUtcMs - SLEEP_LOOK_MS;
      for (const subject of store.subjects())
        out.push(...(await keep(subject, () => (subject === HOME ? missedOfHome(fromMs) : missedOf(subject, fromMs)), [])));
      return out;
    },
  };
}

const idOf = ({ device, boot, sequence }: StoredMeasurement): string => `${device}/${boot}/${sequence}`;

/** Whether nothing of these kinds was computed from it: what a person changed since is not computed over. */
function isMissing(vault: Vault, main: StoredMeasurement, derived: readonly Derived[]): boolean {
  const made = new Set(vault.computedFrom(idOf(main)).map((seq) => vault.at(seq)?.quantity));
  return derived.length > 0 && derived.every(({ quantity }) => !made.has(quantity));
}

/** By subject: what each device measured at each moment, by quantity. Implausible values give nothing. */
function momentsOf(stored: readonly StoredMeasurement[]): Map<string, Map<string, StoredMeasurement>[]> {
  const subjects = new Map<string, Map<string, Map<string, StoredMeasurement>>>();
  for (const row of stored) {
    if (row.flag !== 'ok') continue;
    const moments = subjects.get(row.subject) ?? new Map<string, Map<string, StoredMeasurement>>();
    subjects.set(row.subject, moments);
    const key = `${row.device}/${row.boot}/${row.end}`;
    const moment = moments.get(key) ?? new Map<string, StoredMeasurement>();
    moments.set(key, moment.set(row.quantity, row));
  }
  return new Map([...subjects].map(([subject, moments]) => [subject, [...moments.values()]]));
}

function rowOf(
  main: StoredMeasurement,
  { quantity, value, ...provenance }: Derived,
  startMs: number,
  rows: readonly NewMeasurement[],
): NewMeasurement {
  const source = rows.find(({ boot, sequence }) => boot === main.boot && sequence === main.sequence);
  return {
    device: `${main.device}~${quantity}`,
    boot: main.boot,
    sequence: main.sequence,
    code: quantities[quantity].code,
    value,
    endUtcMs: main.end,
    spanMs: main.end - startMs,
    timeQuality: main.timeQuality,
    zoneMin: main.zoneMin,
    // Dated again together with its input.
    hubBoot: source?.hubBoot,
    isUnset: source?.isUnset,
    provenance,
  };
}
