/**
 * What somebody who helps is shown of a hub (B12, D5): how it is doing, without anybody's name or values. What identifies is in it only
 * where the person ticked it.
 */
import { arch, platform, release } from 'node:os';
import type { House } from '../../house.ts';
import { measurementJson } from '../../store/measurement-json.ts';
import { createRedactor } from './redact.ts';

export const sections = {
  hub: { words: 'The hub: version, machine, what is wrong', isGiven: false },
  devices: { words: 'Devices: kind, state, firmware; without their names', isGiven: false },
  sync: { words: 'Where it sends: kinds and errors; without addresses', isGiven: false },
  acts: { words: 'How often what happened in the last week; not by whom', isGiven: false },
  contact: { words: 'My name and e-mail address', isGiven: true },
  values: { words: 'My values of the last two days', isGiven: true },
} as const;
export type SectionId = keyof typeof sections;
export const isSection = (id: string): id is SectionId => Object.hasOwn(sections, id);
/** What is in it unless a person adds something: nothing that identifies. */
export const usual: readonly SectionId[] = (Object.keys(sections) as SectionId[]).filter((id) => !sections[id].isGiven);

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const VALUES_MS = 2 * DAY_MS;
/** Two days of a heart rate each minute. */
const MOST_VALUES = 5000;
const MOST_ACTS = 5000;

/** Every string in it through `text`: devices name themselves as they like. */
const deep = (value: unknown, text: (text: string) => string): unknown =>
  typeof value === 'string'
    ? text(value)
    : Array.isArray(value)
      ? value.map((one) => deep(one, text))
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, deep(one, text)]))
        : value;

/** The bundle's text: JSON, indented, so that a person reads exactly what goes. */
export function bundleText(house: House, subject: string, chosen: readonly SectionId[], problem: string): string {
  const { people, store } = house;
  const identities = people.accounts.list().map(({ id, name }) => ({ name, identity: people.identities.get(id) }));
  const names = identities.flatMap(({ name, identity: { firstName, surname, email } }) => [name, firstName, surname, email]);
  const { text, standIn } = createRedactor(names.filter((name) => name !== undefined));
  const parts: Record<SectionId, () => unknown> = {
    hub: () => ({
      version: house.version,
      node: process.version,
      machine: `${platform()} ${release()} ${arch()}`,
      upHours: Math.round((house.now() - house.startedUtcMs) / 3_600_000),
      people: people.accounts.list().length,
      vaults: store.subjects().length,
      measurements: store.subjects().reduce((sum, one) => sum + store.vault(one).count(), 0),
      troubles: [house.storeTrouble(), ...(house.keeping?.().troubles ?? [])].filter((one) => one !== ''),
      freeGb: Math.round((house.keeping?.().freeBytes ?? 0) / 2 ** 30),
      isTimeKnown: house.keeping?.().isTimeKnown ?? true,
      camera: { state: house.camera().state, message: house.camera().message },
      edge: { state: house.edge().state, lag: house.edge().lag, lastError: house.edge().lastError },
    }),
    devices: () =>
      house.devices().map(({ id, kind, state, message, firmware, quantities }) => ({
        id: standIn('device', id),
        kind,
        state,
        message,
        firmware,
        quantities,
      })),
    sync: () =>
      (house.sync?.()?.state() ?? []).map(({ name, kind, state, lag, lastError }) => ({
        name: standIn('target', name),
        kind,
        state,
        lag,
        lastError,
      })),
    acts: () => {
      const counts: Record<string, number> = {};
      const own = people.operations.read({ id: subject, wards: [], runsHub: false }, Number.MAX_SAFE_INTEGER, MOST_ACTS);
      for (const { kind, atUtcMs } of own) if (house.now() - atUtcMs < WEEK_MS) counts[kind] = (counts[kind] ?? 0) + 1;
      return counts;
    },
    contact: () => {
      const { firstName, surname, email } = people.identities.get(subject);
      return { name: [firstName, surname].filter(Boolean).join(' ') || (people.accounts.get(subject)?.name ?? ''), email: email ?? '' };
    },
    values: () =>
      !store.subjects().includes(subject)
        ? []
        : [...store.vault(subject).range({ fromMs: house.now() - VALUES_MS, limit: MOST_VALUES })].map((one) => {
            const { quantity, value, unit, end, flag } = measurementJson(one);
            return { quantity, value, unit, end, flag, device: standIn('device', one.device) };
          }),
  };
  const body = {
    form: 'hearth-support-bundle',
    at: new Date(house.now()).toISOString(),
    problem: text(problem),
    ...Object.fromEntries(
      (Object.keys(sections) as SectionId[])
        .filter((id) => chosen.includes(id))
        .map((id) => [id, sections[id].isGiven ? parts[id]() : deep(parts[id](), text)]),
    ),
  };
  return `${JSON.stringify(body, null, 2)}\n`;
}
