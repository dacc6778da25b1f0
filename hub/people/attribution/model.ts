/**
 * Whose weighing it is, as a probability. Pure: states in, probabilities out.
 *
 * Each person is a level that wanders (a scalar Kalman filter, Kalman 1960): what is known of their weight has a mean and a variance,
 * and the variance grows with every day without a weighing. A weighing is judged by a Student t density around the mean (Lange,
 * Little and Taylor 1989: heavy tails, so that a heavy meal is no stranger), impedance where there is one in the same way, the time of
 * day by the person's own habit within narrow bounds, and how often each one weighs themselves. Guests, pets and suitcases are one wide
 * class of their own. A reading is attributed only where one person is nearly certain; in any other case nobody gets it.
 */

export interface Weighing {
  readonly weightKg: number;
  readonly impedanceOhm: number | undefined;
  readonly atUtcMs: number;
}

interface Level {
  readonly mean: number;
  readonly variance: number;
  readonly atUtcMs: number;
}

export interface PersonModel {
  readonly subject: string;
  readonly weight: Level | undefined;
  readonly impedance: Level | undefined;
  /** Weighings learned from. */
  readonly count: number;
  /** How many of them fell into each three hours of the (UTC) day. */
  readonly hours: readonly number[];
}

/** A single weighing against the level of its day: clothes, meals, water. Within-day spread of adults is 0.5 to 1 kg. */
const WEIGHING_SD_KG = 0.6;
/** How far the level wanders in a day: 0.25 kg by the square root of days makes 1.4 kg in a month and 4.8 kg in a year. */
const WANDER_KG_PER_ROOT_DAY = 0.25;
/** Two-electrode impedance from one weighing to the next, and its wandering. */
const IMPEDANCE_SD_OHM = 20;
const WANDER_OHM_PER_ROOT_DAY = 5;
/** Tails of the t density. */
const DEGREES = 5;
/** Who was never weighed could weigh anything. */
const ANYBODY = { mean: 65, sd: 30 } as const;
const ANY_IMPEDANCE = { mean: 520, sd: 150 } as const;
/** Share of weighings that are nobody's of the household, and how widely they spread. */
const GUEST_SHARE = 0.03;
/** A person is known after so many weighings; before, nothing is theirs by guess. */
export const LEAST_WEIGHINGS = 3;
/** Sure enough to attribute: one wrong in two hundred by the model's own account, none in a year of made-up families. */
const SURE = 0.995;
const DAY_MS = 86_400_000;
const HOURS_A_SLOT = 3;
const SLOTS = 24 / HOURS_A_SLOT;

export const newPerson = (subject: string): PersonModel => ({
  subject,
  weight: undefined,
  impedance: undefined,
  count: 0,
  hours: Array.from({ length: SLOTS }, () => 0),
});

const later = (level: Level, atUtcMs: number, wander: number): Level => ({
  ...level,
  variance: level.variance + (wander ** 2 * Math.max(0, atUtcMs - level.atUtcMs)) / DAY_MS,
});

/** The level once a value of it was seen. A value far out moves it less, so that one slip does not spoil it. */
function learnLevel(level: Level | undefined, value: number, atUtcMs: number, sd: number, wander: number): Level {
  if (level === undefined) return { mean: value, variance: sd ** 2, atUtcMs };
  const { mean, variance } = later(level, atUtcMs, wander);
  const distance = (value - mean) ** 2 / (variance + sd ** 2);
  // The weight of a point under a t density (Lange et al. 1989, eq. 3): noise that grows with the distance.
  const noise = (sd ** 2 * (DEGREES + distance)) / (DEGREES + 1);
  const gain = variance / (variance + noise);
  return { mean: mean + gain * (value - mean), variance: variance * (1 - gain), atUtcMs: Math.max(atUtcMs, level.atUtcMs) };
}

/** What is known of a person once a weighing is known to be theirs. Weighings come in the order of time. */
export function learn(person: PersonModel, { weightKg, impedanceOhm, atUtcMs }: Weighing): PersonModel {
  const slot = slotOf(atUtcMs);
  return {
    ...person,
    weight: learnLevel(person.weight, weightKg, atUtcMs, WEIGHING_SD_KG, WANDER_KG_PER_ROOT_DAY),
    impedance:
      impedanceOhm === undefined
        ? person.impedance
        : learnLevel(person.impedance, impedanceOhm, atUtcMs, IMPEDANCE_SD_OHM, WANDER_OHM_PER_ROOT_DAY),
    count: person.count + 1,
    hours: person.hours.map((count, index) => count + (index === slot ? 1 : 0)),
  };
}

const slotOf = (atUtcMs: number): number => Math.floor((atUtcMs % DAY_MS) / (HOURS_A_SLOT * 3_600_000));

/** Density of Student's t with {@link DEGREES} = 5: its constant is 8 / (3 pi sqrt 5). */
function tDensity(value: number, mean: number, variance: number): number {
  const scale = Math.sqrt(variance);
  const z = (value - mean) / scale;
  return (8 / (3 * Math.PI * Math.sqrt(DEGREES)) / scale) * (1 + z ** 2 / DEGREES) ** (-(DEGREES + 1) / 2);
}

function densityOf(person: PersonModel, { weightKg, impedanceOhm, atUtcMs }: Weighing): number {
  const weight = person.weight === undefined ? undefined : later(person.weight, atUtcMs, WANDER_KG_PER_ROOT_DAY);
  const impedance = person.impedance === undefined ? undefined : later(person.impedance, atUtcMs, WANDER_OHM_PER_ROOT_DAY);
  const byWeight =
    weight === undefined
      ? tDensity(weightKg, ANYBODY.mean, ANYBODY.sd ** 2)
      : tDensity(weightKg, weight.mean, weight.variance + WEIGHING_SD_KG ** 2);
  const byImpedance =
    impedanceOhm === undefined
      ? 1
      : impedance === undefined
        ? tDensity(impedanceOhm, ANY_IMPEDANCE.mean, ANY_IMPEDANCE.sd ** 2)
        : tDensity(impedanceOhm, impedance.mean, impedance.variance + IMPEDANCE_SD_OHM ** 2);
  return byWeight * byImpedance * habit(person, atUtcMs);
}

/** 0.5 to 2: a habit is a hint, never a proof. */
function habit({ hours, count }: PersonModel, atUtcMs: number): number {
  const slot = slotOf(atUtcMs);
  const near = hours[slot]! + 0.5 * (hours[(slot + 1) % SLOTS]! + hours[(slot + SLOTS - 1) % SLOTS]!);
  return Math.min(2, Math.max(0.5, ((near + 2) / (2 * count + 2 * SLOTS)) * SLOTS));
}

export interface Guess {
  readonly subject: string;
  readonly probability: number;
}

export interface Verdict {
  /** Likeliest first; what is missing to 1 is a guest or something else. */
  readonly guesses: readonly Guess[];
  readonly guest: number;
  /** Whose it is; undefined when that is not sure. */
  readonly subject: string | undefined;
}

/** Judges a weighing among the people of the household. */
export function judge(people: readonly PersonModel[], weighing: Weighing): Verdict {
  const total = people.reduce((sum, { count }) => sum + count, 0);
  const shares = people.map((person) => {
    // How often each one weighs themselves counts little, and less the less is known.
    const share = (person.count + 10) / (total + 10 * people.length);
    return { person, mass: (1 - GUEST_SHARE) * share * densityOf(person, weighing) };
  });
  const guestMass =
    GUEST_SHARE *
    tDensity(weighing.weightKg, ANYBODY.mean, ANYBODY.sd ** 2) *
    (weighing.impedanceOhm === undefined ? 1 : tDensity(weighing.impedanceOhm, ANY_IMPEDANCE.mean, ANY_IMPEDANCE.sd ** 2));
  const sum = guestMass + shares.reduce((all, { mass }) => all + mass, 0);
  const guesses = shares
    .map(({ person, mass }) => ({ subject: person.subject, probability: mass / sum }))
    .sort((a, b) => b.probability - a.probability);
  const [best] = guesses;
  const known = people.find(({ subject }) => subject === best?.subject);
  // The guest class is judged apart: a reading right on somebody's trend is theirs though a guest could weigh the same.
  const rivals = (guesses[1]?.probability ?? 0) + Math.max(0, guestMass / sum - GUEST_LEEWAY);
  const isSure = best !== undefined && known !== undefined && known.count >= LEAST_WEIGHINGS && rivals <= (1 - SURE) * best.probability;
  return { guesses, guest: guestMass / sum, subject: isSure ? best.subject : undefined };
}

/** What a reading on somebody's trend leaves to the guest class by the width of that class alone. */
const GUEST_LEEWAY = 0.01;
