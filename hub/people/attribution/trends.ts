/** What is known of each person's weighings: learned from their vault when first asked for, and from each new one. */
import { quantities } from '../../../firmware/protocol/quantities.ts';
import type { Store } from '../../store/store.ts';
import type { NewMeasurement } from '../../store/vault.ts';
import { learn, newPerson, type PersonModel, type Weighing } from './model.ts';

/** A person's trend is learned anew from so many of their newest weighings. */
const LEARNED_WEIGHINGS = 500;
const LEARNED_MS = 2 * 365 * 86_400_000;
/** Weight and impedance that end within the same minute are of one weighing. */
const TOGETHER_MS = 60_000;

export interface Trends {
  of(subject: string): PersonModel;
  /** Learns from the weighing among the readings, where there is one. */
  learn(subject: string, rows: readonly NewMeasurement[]): void;
  /** Learned anew from the vault when next asked for: trends learn in the order of time, and something older came or went. */
  relearn(subject: string): void;
}

export function openTrends(store: Store, now: () => number): Trends {
  const models = new Map<string, PersonModel>();
  const fromVault = (subject: string): PersonModel => {
    let person = newPerson(subject);
    if (!store.subjects().includes(subject)) return person;
    const vault = store.vault(subject);
    const fromMs = now() - LEARNED_MS;
    const rows = [...vault.range({ quantity: 'weight', fromMs })].filter(({ flag }) => flag === 'ok').slice(-LEARNED_WEIGHINGS);
    const impedances = new Map(
      [...vault.range({ quantity: 'impedance', fromMs })].map((row) => [Math.round(row.end / TOGETHER_MS), row.value]),
    );
    for (const { value, end } of rows.sort((a, b) => a.end - b.end))
      person = learn(person, { weightKg: value, impedanceOhm: impedances.get(Math.round(end / TOGETHER_MS)), atUtcMs: end });
    return person;
  };
  const of = (subject: string): PersonModel => {
    const model = models.get(subject) ?? fromVault(subject);
    models.set(subject, model);
    return model;
  };
  return {
    of,
    learn(subject, rows) {
      const weighing = weighingOf(rows);
      if (weighing !== undefined) models.set(subject, learn(of(subject), weighing));
    },
    relearn: (subject) => void models.delete(subject),
  };
}

/** The weighing among readings of one visit: their last weight, with their last impedance. */
export function weighingOf(rows: readonly NewMeasurement[]): Weighing | undefined {
  const weight = rows.findLast(({ code }) => code === quantities.weight.code);
  if (weight === undefined) return undefined;
  const impedance = rows.findLast(({ code, value }) => code === quantities.impedance.code && value > 0);
  return { weightKg: weight.value, impedanceOhm: impedance?.value, atUtcMs: weight.endUtcMs };
}
