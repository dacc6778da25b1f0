/** How often a shared scale's readings go to the wrong person, and how often it asks, in a year of made-up families. */
import { type FamilyReport, runFamilies } from '../../hub/people/attribution/families.ts';
import type { BenchRow } from '../row.ts';

const FAMILIES = 200;

export async function rows(): Promise<BenchRow[]> {
  const row = (name: string, value: number, limit: number): BenchRow => ({
    name: `attribution, ${name}`,
    value,
    unit: '% of weighings',
    against: `limit ${limit} %`,
    ratio: value / limit,
    goal: 'ratio <= 1',
    holds: value <= limit,
  });
  const of = (what: string, { weighings, wrong, guestsKept, later, laterInbox }: FamilyReport, asks: number): BenchRow[] => [
    row(`${what}: another's given to one`, (100 * (wrong - guestsKept)) / weighings, 0.05),
    row(`${what}: a guest's given to one`, (100 * guestsKept) / weighings, 0.3),
    row(`${what}: asked after a month`, (100 * laterInbox) / later, asks),
  ];
  return [
    ...of('8 kg apart, by weight', runFamilies(FAMILIES, 8, false), 10),
    ...of('5 kg apart, with impedance', runFamilies(FAMILIES, 5, true), 10),
    ...of('any weights, with impedance', runFamilies(FAMILIES, 0, true), 20),
  ];
}
