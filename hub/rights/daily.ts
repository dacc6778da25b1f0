/** The chores of a hub that runs, of people's rights and of its sensors: one row each. */
import type { Clock } from '../../firmware/protocol/time.ts';
import type { House } from '../house.ts';
import { type Chore, type Chores, startChores } from './chores.ts';
import { openCopies } from './copies/copies.ts';
import { openDisclosures } from './disclosures.ts';
import { openRetention } from './retention.ts';
import { openStatistics } from './statistics/statistics.ts';
import { openGrants } from './support/grants.ts';

/** After the nightly backup, so that a backup of the day before is still there while it is looked whether all went well. */
const PURGE_HOUR = 4;

/** When nobody is on the scale. */
const DRIFT_HOUR = 3;

/** When the night before is scored. */
const STATISTICS_HOUR = 12;

export interface DailyOptions {
  readonly house: House;
  readonly clock: Clock;
  readonly isTimeKnown: () => boolean;
  readonly failed: (text: string) => void;
  readonly signal: AbortSignal;
}

export function startDaily({ house, clock, isTimeKnown, failed, signal }: DailyOptions): Chores {
  const { people, store } = house;
  const retention = openRetention({ store, people, clips: house.clips, now: house.now });
  const statistics = openStatistics({ people, store, now: house.now });
  const disclosures = openDisclosures(people, house.now);
  const copies = openCopies({ data: house.data, store, people, places: () => house.copyPlaces?.() ?? [], now: house.now });
  const grants = openGrants(people, house.now);
  const chores: readonly Chore[] = [
    {
      id: 'purge',
      words: 'What is no longer to be kept could not be let go',
      hour: PURGE_HOUR,
      async run(isOn) {
        const { removed, left } = await retention.run(isOn);
        if (removed > 0) house.sync?.()?.wake();
        return left === 0;
      },
    },
    {
      id: 'drift',
      words: 'The drift of a scale could not be taken off',
      hour: DRIFT_HOUR,
      async run() {
        await house.drift?.look();
        return true;
      },
    },
    {
      id: 'statistics',
      words: 'A number for a study could not be made',
      hour: STATISTICS_HOUR,
      async run() {
        statistics.draw();
        return true;
      },
    },
    {
      id: 'disclosures',
      words: 'A disclosure could not be told to its person',
      hour: 'often',
      async run() {
        disclosures.tell();
        return true;
      },
    },
    {
      id: 'copies',
      words: 'A copy by schedule was not made',
      hour: 'often',
      async run(isOn) {
        await copies.run(isOn);
        return true;
      },
    },
    {
      id: 'support',
      words: 'A support bundle whose time is over could not be removed',
      hour: 'often',
      async run() {
        grants.sweep();
        return true;
      },
    },
  ];
  return startChores({ chores, choices: people.choices, zone: people.zone, clock, isTimeKnown, failed, signal });
}
