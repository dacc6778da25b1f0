/**
 * Where a person's data may be. Each person has two residencies: records lie in the European Union (France), whoever the person is;
 * video is handled near the person. Out of region is refused and said, and never sent elsewhere instead.
 *
 * Source: the policy of the product that Hearth follows, section 8 (records in the EU; video by continent).
 */

export type Matter = 'records' | 'video';

interface Region {
  readonly label: string;
  readonly holds: Matter;
  /** Whose video it handles; records of everybody lie in the one region for them. */
  readonly continent?: ContinentId;
}

interface Continent {
  readonly label: string;
}

export const continents = {
  europe: { label: 'Europe' },
  'north-america': { label: 'North America' },
  'south-america': { label: 'South America' },
  asia: { label: 'Asia' },
  australia: { label: 'Australia' },
} as const satisfies Record<string, Continent>;

export type ContinentId = keyof typeof continents;
export const continentIds = Object.keys(continents) as ContinentId[];

// biome-ignore format: a table reads by columns, one row a line
export const regions = {
  france: { label: 'France, in the European Union', holds: 'records' },
  ireland: { label: 'Ireland', holds: 'video', continent: 'europe' },
  'united-states': { label: 'United States', holds: 'video', continent: 'north-america' },
  brazil: { label: 'Brazil', holds: 'video', continent: 'south-america' },
  japan: { label: 'Japan', holds: 'video', continent: 'asia' },
  singapore: { label: 'Singapore', holds: 'video', continent: 'asia' },
  australia: { label: 'Australia', holds: 'video', continent: 'australia' },
} as const satisfies Record<string, Region>;

export type RegionId = keyof typeof regions;
/** Regions that may be chosen for records or for video. */
export const regionsFor = (matter: Matter): RegionId[] =>
  (Object.keys(regions) as RegionId[]).filter((id) => (regions[id] as Region).holds === matter);

/** At home: the data has not left the house. */
export const AT_HOME = 'home';
/** Of a target whose owner did not say where it stands. */
export const UNKNOWN_REGION = 'unknown';

/** Regions that may have a person's data; an empty list is a person who has not chosen, whose data stays at home. */
export interface Residency {
  readonly records: readonly RegionId[];
  readonly video: readonly RegionId[];
}

export const stayHome: Residency = { records: [], video: [] };

/** What living on a continent means while a person has not chosen by themselves. */
export const residencyOfContinent = (continent: ContinentId | undefined): Residency =>
  continent === undefined
    ? stayHome
    : { records: regionsFor('records'), video: regionsFor('video').filter((id) => (regions[id] as Region).continent === continent) };

export interface ChosenRegions {
  readonly recordsRegion?: RegionId | undefined;
  readonly videoRegion?: RegionId | undefined;
}

/** A person's own choice, each matter by itself, before that of the house. A region that may not hold the matter is no choice. */
export function residencyOf({ recordsRegion, videoRegion }: ChosenRegions, house: Residency): Residency {
  const choice = (matter: Matter, region: RegionId | undefined): readonly RegionId[] =>
    region === undefined ? house[matter] : regionsFor(matter).filter((one) => one === region);
  return { records: choice('records', recordsRegion), video: choice('video', videoRegion) };
}

const labelOf = (region: string): string => (Object.hasOwn(regions, region) ? regions[region as RegionId].label : region);

/**
 * Why a person's records or video must not be at a place in a region; undefined when they may.
 *
 * @param region of the table, {@link AT_HOME}, {@link UNKNOWN_REGION}, or any other word, which is never allowed
 */
export function outOfRegion(matter: Matter, residency: Residency, region: string, subject: string): string | undefined {
  if (region === AT_HOME) return undefined;
  const { [matter]: allowed } = residency;
  if (allowed.length === 0)
    return `where the ${matter} of '${subject}' may be is not chosen, so they stay at home: choose a region in the profile, or set 'continent'`;
  const belong = `${matter} of '${subject}' belong in ${allowed.map(labelOf).join(' or ')}`;
  if (region === UNKNOWN_REGION)
    return `${belong}, and nobody said where this target stands: set its 'region' (home, or one of ${regionsFor(matter).join(', ')})`;
  if ((allowed as readonly string[]).includes(region)) return undefined;
  return `${belong}, and this is in ${labelOf(region)}: nothing is sent there`;
}
