/**
 * Made-up families who share a scale for a year, with guests: what the attribution does with their weighings. Their ways differ from
 * the model's on purpose: diets and growth are trends, noise is of another size, clothes come in winter, and some tap an inbox late.
 */
import { judge, learn, newPerson, type PersonModel } from '../../../../hub/people/attribution/model.ts';

export interface FamilyReport {
  readonly weighings: number;
  /** Given to another person of the household, or a guest's given to anybody. */
  readonly wrong: number;
  /** Of those, a guest's. */
  readonly guestsKept: number;
  readonly inbox: number;
  /** Weighings after the first month, and of those the ones that asked. */
  readonly later: number;
  readonly laterInbox: number;
}

export interface Member {
  readonly weightKg: number;
  readonly impedanceOhm: number;
  readonly kgADay: number;
  readonly hour: number;
}

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);

/** A generator of uniform numbers (mulberry32), so that a seed is a family. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const normal = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Two to five people, each at least `apartKg` from the others. */
export function family(seed: number, apartKg: number): Member[] {
  const random = uniform(seed);
  const members: Member[] = [];
  const size = 2 + Math.floor(random() * 4);
  while (members.length < size) {
    const isChild = members.length >= 2;
    const weightKg = isChild ? 20 + random() * 45 : 50 + random() * 50;
    if (members.some((one) => Math.abs(one.weightKg - weightKg) < apartKg)) continue;
    const kgADay = isChild ? 0.01 : random() < 0.2 ? -0.06 : 0;
    members.push({ weightKg, impedanceOhm: 420 + random() * 200, kgADay, hour: 5 + random() * 17 });
  }
  return members;
}

export function runFamily(members: readonly Member[], seed: number, hasImpedance: boolean, days = 365): FamilyReport {
  const random = uniform(seed + 1);
  let people: PersonModel[] = members.map((_, index) => newPerson(`person-${index}`));
  const wander = members.map(() => 0);
  let [weighings, wrong, guestsKept, inbox, later, laterInbox] = [0, 0, 0, 0, 0, 0];
  for (let day = 0; day < days; day++) {
    const today = members
      .flatMap((member, index) => {
        wander[index] = wander[index]! + 0.12 * normal(random);
        if (random() > 0.55) return [];
        const weightKg = member.weightKg + member.kgADay * day + wander[index]! + 0.45 * normal(random) + (random() < 0.1 ? 1 : 0);
        const impedanceOhm = hasImpedance ? member.impedanceOhm + 14 * normal(random) : undefined;
        return [{ owner: index, weightKg, impedanceOhm, atUtcMs: START + day * DAY_MS + (member.hour + normal(random)) * 3_600_000 }];
      })
      .concat(
        random() < 0.03
          ? [
              {
                owner: -1,
                weightKg: 15 + random() * 90,
                impedanceOhm: hasImpedance ? 400 + random() * 250 : undefined,
                atUtcMs: START + day * DAY_MS + 18 * 3_600_000,
              },
            ]
          : [],
      )
      .sort((a, b) => a.atUtcMs - b.atUtcMs);
    for (const { owner, ...weighing } of today) {
      weighings++;
      if (day >= 30) later++;
      const { subject } = judge(people, weighing);
      const right = owner < 0 ? undefined : `person-${owner}`;
      if (subject === undefined) {
        inbox++;
        if (day >= 30) laterInbox++;
      } else if (subject !== right) {
        wrong++;
        if (owner < 0) guestsKept++;
      }
      // One tap says whose it was, mostly; a wrong one is learned from until somebody notices, which nobody does here.
      const learned = subject ?? (random() < 0.9 ? right : undefined);
      people = people.map((person) => (person.subject === learned ? learn(person, weighing) : person));
    }
  }
  return { weighings, wrong, guestsKept, inbox, later, laterInbox };
}

/** The sum over many families. */
export function runFamilies(count: number, apartKg: number, hasImpedance: boolean): FamilyReport {
  const sum = { weighings: 0, wrong: 0, guestsKept: 0, inbox: 0, later: 0, laterInbox: 0 };
  for (let seed = 1; seed <= count; seed++) {
    const one = runFamily(family(seed, apartKg), seed * 7919, hasImpedance);
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += one[key];
  }
  return sum;
}
