/** What a scale is told of the person who stands on it: only where that is certain, and only what the person gave. */
import { quantities } from '../../firmware/protocol/quantities.ts';
import type { Store } from '../store/store.ts';
import { ageOn, birthDateOf, dayIn } from './age.ts';
import type { People } from './people.ts';

export interface ToldProfile {
  readonly heightCm: number;
  readonly ageYears: number;
  readonly sex: 'male' | 'female';
  readonly birthDate: { readonly year: number; readonly month: number; readonly day: number };
  readonly lastWeightKg?: number;
}

export interface ProfileSources {
  readonly people: Pick<People, 'attribution' | 'identities' | 'objections' | 'zone'>;
  readonly store: Pick<Store, 'vault' | 'subjects'>;
}

/**
 * The profile of the person whose device it is, or who lives here alone; undefined where several may stand on it, where height, sex or
 * birth date was not given, and where they objected to composition: a scale is told nothing of them then.
 */
export function profileOn({ people, store }: ProfileSources, device: string, nowMs: number): ToldProfile | undefined {
  const person = people.attribution.personOf(device);
  if (person === undefined || !people.objections.mayMake(person, quantities.fat_ratio.code)) return undefined;
  const { heightM, sex, birthDate } = people.identities.get(person);
  if (heightM === undefined || sex === undefined || birthDate === undefined) return undefined;
  const today = dayIn(people.zone, nowMs);
  const born = birthDateOf(birthDate, today);
  const weights = store.subjects().includes(person)
    ? store
        .vault(person)
        .latest()
        .filter(({ quantity }) => quantity === 'weight')
    : [];
  const last = weights.sort((a, b) => a.end - b.end).at(-1);
  return {
    heightCm: heightM * 100,
    sex,
    ageYears: ageOn(born, today),
    birthDate: born,
    ...(last !== undefined && { lastWeightKg: last.value }),
  };
}
