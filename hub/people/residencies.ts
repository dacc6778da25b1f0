/** Where each person's data may be: by their own choice in the profile, else by that of the house. */

import { type ContinentId, outOfRegion, type Residency, residencyOf, residencyOfContinent } from '../sync/residency.ts';
import type { People } from './people.ts';
import { HOME } from './subjects.ts';

export interface Residencies {
  of(subject: string): Residency;
  /**
   * Why the home's video must not be at a place; undefined when it may. Whoever lives here may be in the picture, so each of them must
   * allow the region.
   */
  videoOutOf(region: string): string | undefined;
  /** Something stayed here for its region: noted in the operations log, once an hour. */
  refused(subject: string, target: string, why: string): void;
}

/** @param house where the household lives; undefined while nobody said so */
export function openResidencies(
  { accounts, identities, operations }: Pick<People, 'accounts' | 'identities' | 'operations'>,
  house: ContinentId | undefined,
): Residencies {
  const ofHouse = residencyOfContinent(house);
  const of = (subject: string): Residency => (subject === HOME ? ofHouse : residencyOf(identities.get(subject), ofHouse));
  return {
    of,
    videoOutOf(region) {
      const residents = accounts.list().filter(({ role }) => role === 'owner' || role === 'member');
      const whys = residents.map(({ id }) => outOfRegion('video', of(id), region, id));
      return residents.length === 0 ? outOfRegion('video', ofHouse, region, HOME) : whys.find((why) => why !== undefined);
    },
    refused: (subject, target, why) => operations.appendOnce({ kind: 'region-refused', actor: 'hub', subject, detail: { target, why } }),
  };
}
