/** The `sync:` list of hearth.yaml: where measurements go, whose, and of which categories. Nothing goes anywhere that is not named here. */
import type { Static } from 'typebox';
import { type Category, categories } from '../../firmware/protocol/quantities.ts';
import { Type } from '../../firmware/schema/type.ts';
import { type ContinentId, continentIds } from './residency.ts';

export const targetKinds = ['edge', 'mqtt', 'influx', 'webhook', 'file'] as const;
export type TargetKind = (typeof targetKinds)[number];

const Text = Type.String({ minLength: 1, maxLength: 500 });
/** One of some words, so that a mistake is answered with all of them. */
const oneOf = <Word extends string>(words: readonly Word[]) => Type.Unsafe<Word>(Type.Union(words.map((word) => Type.Literal(word))));
const Kind = oneOf<TargetKind>(targetKinds);
const CategoryName = oneOf<Category>(categories);

export const TargetSettings = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}$', description: 'of your own choice: lower-case letters, digits, hyphens' }),
    target: Kind,
    people: Type.Array(Text, { minItems: 1, maxItems: 100, description: 'whose: ids of people, `home` for the home itself' }),
    categories: Type.Array(CategoryName, { minItems: 1, maxItems: categories.length }),
    url: Type.Optional(Text),
    region: Type.Optional(Type.String({ pattern: '^[a-z][a-z-]{0,39}$', description: 'where it stands: home, or a region of the table' })),
    code: Type.Optional(Text),
    codeFile: Type.Optional(Text),
    username: Type.Optional(Text),
    passwordFile: Type.Optional(Text),
    prefix: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{1,40}$' })),
    org: Type.Optional(Text),
    bucket: Type.Optional(Text),
    tokenFile: Type.Optional(Text),
    secretFile: Type.Optional(Text),
    folder: Type.Optional(Text),
    mostMb: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    keep: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  },
  { additionalProperties: false },
);
export type TargetSettings = Static<typeof TargetSettings>;
/** Where a target is and how it is reached, without whose data it may have. */
export type TargetPlace = Omit<TargetSettings, 'people' | 'categories'>;
/** One can follow a handful of targets; each reads the whole log. */
export const MOST_TARGETS = 20;
export const SyncList = Type.Array(TargetSettings, { maxItems: MOST_TARGETS });
/** Where the household lives: decides the residency of its people's data. */
export const Continent = oneOf<ContinentId>(continentIds);

interface KindRow {
  readonly needs: readonly (keyof TargetSettings)[];
  readonly may: readonly (keyof TargetSettings)[];
  readonly protocols: readonly string[];
}
const always: readonly (keyof TargetSettings)[] = ['name', 'target', 'people', 'categories'];

/** What each kind of target is told. */
const kinds: Readonly<Record<TargetKind, KindRow>> = {
  edge: { needs: ['url', 'region'], may: ['code', 'codeFile'], protocols: ['https:'] },
  mqtt: { needs: ['url'], may: ['username', 'passwordFile', 'prefix', 'region'], protocols: ['mqtt:', 'mqtts:'] },
  influx: { needs: ['url', 'bucket', 'tokenFile'], may: ['org', 'region'], protocols: ['http:', 'https:'] },
  webhook: { needs: ['url', 'secretFile'], may: ['region'], protocols: ['http:', 'https:'] },
  file: { needs: ['folder'], may: ['mostMb', 'keep', 'region'], protocols: [] },
};

export interface SettingMistake {
  /** Path below the list, as in `[1, 'url']`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What the schema alone cannot say; undefined when all is right. */
export function mistakeIn(list: readonly TargetSettings[]): SettingMistake | undefined {
  const names = new Set<string>(['embedded']);
  for (const [index, settings] of list.entries()) {
    const { name } = settings;
    if (names.has(name)) return { path: [index, 'name'], message: `the name '${name}' is taken: give each target one of its own` };
    names.add(name);
    const mistake = mistakeInPlace(settings);
    if (mistake !== undefined) return { path: [index, ...mistake.path], message: mistake.message };
  }
  return undefined;
}

/** The same of one target, by the name of the setting. */
export function mistakeInPlace(settings: TargetPlace): SettingMistake | undefined {
  const { name, target, url } = settings;
  const { needs, may, protocols } = kinds[target];
  if (target === 'file' && settings.folder !== undefined && !settings.folder.startsWith('/'))
    return { path: ['folder'], message: `'${settings.folder}' is not a whole path: begin it with /` };
  const missing = needs.find((key) => (settings as TargetSettings)[key] === undefined);
  if (missing !== undefined) return { path: ['target'], message: `the ${target} target '${name}' needs '${missing}'` };
  const foreign = (Object.keys(settings) as (keyof TargetSettings)[]).find((key) => ![...always, ...needs, ...may].includes(key));
  if (foreign !== undefined)
    return { path: [foreign], message: `a ${target} target has no '${foreign}'; it takes ${[...needs, ...may].join(', ')}` };
  if (url === undefined) return undefined;
  if (!(URL.canParse(url) && protocols.includes(new URL(url).protocol)))
    return {
      path: ['url'],
      message: `'${url}' is no address of ${target}: it starts with ${protocols.map((one) => `${one}//`).join(' or ')}`,
    };
  const { username, password } = new URL(url);
  if (username !== '' || password !== '')
    return {
      path: ['url'],
      message: 'a user or a password does not belong in an address, which is shown: give them as settings of their own',
    };
  return undefined;
}

/** Which setting holds the file of a target's secret; undefined for one that has none. */
export const secretSettingOf = (target: TargetKind): 'passwordFile' | 'tokenFile' | 'secretFile' | 'codeFile' | undefined =>
  (({ mqtt: 'passwordFile', influx: 'tokenFile', webhook: 'secretFile', edge: 'codeFile', file: undefined }) as const)[target];
