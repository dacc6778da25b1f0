/**
 * Where a person's data may be. Each person has two residencies: records lie in the European Union (France), whoever the person is;
 * video is handled near the person. Out of region is refused and said, and never sent elsewhere instead.
 *
 * Source: the policy of the product that Hearth follows, section 8 (records in the EU; video by continent).
 */

interface Continent {
  readonly label: string;
  /** Regions that may hold the records. */
  readonly records: readonly string[];
  /** Regions whose edges may forward the video. */
  readonly video: readonly string[];
}

// biome-ignore format: a table reads by columns, one row a line
export const continents = {
  europe: { label: 'Europe', records: ['france'], video: ['ireland'] },
  'north-america': { label: 'North America', records: ['france'], video: ['united-states'] },
  'south-america': { label: 'South America', records: ['france'], video: ['brazil'] },
  asia: { label: 'Asia', records: ['france'], video: ['japan', 'singapore'] },
  australia: { label: 'Australia', records: ['france'], video: ['australia'] },
} as const satisfies Record<string, Continent>;

export type ContinentId = keyof typeof continents;
export const continentIds = Object.keys(continents) as ContinentId[];

/** The embedded edge: the data has not left the house. */
export const AT_HOME = 'home';

export type Matter = 'records' | 'video';

/**
 * Why a person's records or video must not be at an edge of a region; undefined when they may.
 *
 * @param continent where the person lives; undefined while nobody said so
 */
export function outOfRegion(matter: Matter, continent: ContinentId | undefined, region: string, subject: string): string | undefined {
  if (region === AT_HOME) return undefined;
  if (continent === undefined)
    return `where '${subject}' lives is not known, so its ${matter} stay at home: set 'continent' to one of ${continentIds.join(', ')}`;
  const { label, [matter]: allowed } = continents[continent] as Continent;
  if (allowed.includes(region)) return undefined;
  return `${matter} of '${subject}' (${label}) belong in ${allowed.join(' or ')}, and this edge is in ${region}: nothing is sent there`;
}
