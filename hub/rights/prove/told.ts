/** What is seen of the promises about what people are told, on the living hub. */
import { createHash, randomInt } from 'node:crypto';
import { quantities } from '../../../firmware/protocol/quantities.ts';
import { purposes } from '../../people/objections.ts';
import { HOME } from '../../people/subjects.ts';
import { openDisclosures } from '../disclosures.ts';
import { channels, isOn, type MessageTypeId, messageTypes, noticesFor } from '../messages.ts';
import { type Processor, processors, unlisted } from '../processors.ts';
import { discreteLaplace } from '../statistics/discrete-laplace.ts';
import { openStatistics, YEAR_BUDGET_MILLI } from '../statistics/statistics.ts';
import { type Contribution, resultsOf, studies, studyIds } from '../statistics/studies.ts';
import { bundleText, usual } from '../support/bundle.ts';
import { openGrants } from '../support/grants.ts';
import { createRedactor } from '../support/redact.ts';
import type { Checks } from './check.ts';

const wordsOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
const valuesIn = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(valuesIn) : [];
const TRIED_DRAWS = 400;
const sample = (home: number): Contribution => ({
  form: 'hearth-statistic',
  version: 1,
  study: 'sleep-clock-change',
  round: '2026-10-25 back',
  value: home,
  unit: 'min',
  mechanism: 'discrete-laplace',
  epsilon: '1',
  sensitivity: 180,
  nonce: String(home),
});
/** Between two looks of the hub. */
const SLACK_MS = 1_200_000;
/** A text with something of each kind that must not be left in it. */
const TELLING = 'Ada ada@example.org 192.168.1.20 aa:bb:cc:dd:ee:ff mqtt://nas.local:1883 /home/ada/data';

export const toldChecks: Checks = {
  E8({ house }) {
    const all: readonly Processor[] = Object.values(processors);
    const used = all.flatMap((one) => one.used(house));
    const told = all.filter(({ words, needs }) => words !== '' && needs !== '').length;
    const strange = unlisted();
    const identity = all.filter(({ gets }) => gets.some((category) => category === 'identity')).length;
    return {
      isKept: strange.length === 0 && told === all.length && identity === 0,
      evidence: `${all.length} ways out are listed in one file and on a page, each with what it can get at most; ways out that are not listed: ${strange.join(', ') || 'none'}; in use: ${used.join(', ') || 'none'}; that get who somebody is: ${identity}; none is a payment processor`,
    };
  },
  E9({ house, routes }) {
    const disclosures = openDisclosures(house.people, house.now);
    const all = disclosures.recorded();
    const late = all.filter(({ toldUtcMs, tellUtcMs }) => toldUtcMs === null && (tellUtcMs ?? 0) + SLACK_MS < house.now());
    const route = routes.find((one) => one.route === 'post /api/v1/disclosures');
    return {
      isKept: late.length === 0 && route?.access === 'owner' && route.again === 'always',
      evidence: `${all.length} disclosures written down, ${all.filter(({ toldUtcMs }) => toldUtcMs !== null).length} told, later than allowed: ${late.length}`,
    };
  },
  D8({ house, routes }) {
    const statistics = openStatistics({ people: house.people, store: house.store, now: house.now });
    const people = house.people.accounts.list();
    let [joined, left, over, asked] = [0, 0, 0, 0];
    for (const { id } of people) {
      joined += studyIds.filter((study) => statistics.joinedSince(id, study) !== undefined).length;
      left += statistics.ledger(id).filter(({ sentUtcMs }) => sentUtcMs !== null).length;
      asked += statistics.ledger(id).filter(({ state }) => state === 'waits').length;
      if (statistics.spentMilli(id) > YEAR_BUDGET_MILLI) over++;
    }
    // The sampler as this machine has it: its mean magnitude is the scale, 180 / 1.
    const draws = Array.from({ length: TRIED_DRAWS }, () => Math.abs(discreteLaplace(180, 1000, (most) => randomInt(most))));
    const mean = draws.reduce((sum, one) => sum + one, 0) / TRIED_DRAWS;
    const isFair = mean > 90 && mean < 360;
    const isRead = routes.find(({ route }) => route === 'post /api/v1/statistics/{number}')?.again === 'if-set';
    return {
      isKept: over === 0 && isFair && isRead,
      evidence: `${joined} of ${people.length} people joined a study; ${asked} numbers wait to be read, ${left} left, each in the ledger; over the year’s epsilon of ${YEAR_BUDGET_MILLI / 1000}: ${over}; mean noise of ${TRIED_DRAWS} draws: ${Math.round(mean)} min for a scale of 180`,
    };
  },
  D9({ house }) {
    const study = studies['sleep-clock-change'];
    const few = Array.from({ length: study.leastHomes - 1 }, (_, home) => sample(home));
    const hidden = resultsOf(few, study).length;
    const shown = resultsOf([...few, sample(study.leastHomes)], study).length;
    return {
      isKept: hidden === 0 && shown === 1,
      evidence: `results of ${few.length} homes are shown as ${hidden} rounds, of ${study.leastHomes} as ${shown}; numbers go to ${house.statisticsUrl ?? 'nowhere yet'}; the form is public`,
    };
  },
  B12({ house, routes }) {
    const { accounts } = house.people;
    const grants = openGrants(house.people, house.now);
    const all = accounts.list().flatMap(({ id }) => grants.list(id).map((grant) => ({ id, grant })));
    const over = all.filter(({ grant }) => grant.endedUtcMs !== null || grant.endsUtcMs + SLACK_MS < house.now());
    const held = over.filter(({ id, grant }) => house.people.papers.list(id).includes(`${grant.id}.age`));
    const isAsked = routes.find(({ route }) => route === 'post /api/v1/support/grants')?.again === 'if-set';
    return {
      isKept: isAsked && held.length === 0,
      evidence: `${all.length} bundles so far, ${all.length - over.length} open; held though their time is over: ${held.length}; each was shown word for word, sealed to the helper’s key, and ends by itself`,
    };
  },
  D5({ house, routes }) {
    const left = createRedactor(['Ada'])
      .text(TELLING)
      .match(/ada|example|192\.168|bb:cc|nas/i);
    const { accounts, identities } = house.people;
    // What who runs the hub and who helps see of others: of the usual bundle, whether any name is in it.
    const asked = accounts.owner()?.id ?? HOME;
    const bundle = bundleText(house, asked, usual, '');
    const names = accounts
      .list()
      .flatMap(({ id, name }) => [name, identities.get(id).firstName, identities.get(id).surname, identities.get(id).email]);
    const said = ` ${wordsOf(valuesIn(JSON.parse(bundle)).join(' '))} `;
    const told = names.filter((name) => name !== undefined && wordsOf(name).length > 2 && said.includes(` ${wordsOf(name)} `));
    const open = routes.filter(({ route, access }) => /\/(measurements|latest|series|export|range)$/.test(route) && access === 'owner');
    return {
      isKept: left === null && told.length === 0 && open.length === 0,
      evidence: `a support bundle of this hub as it is now (${bundle.length} characters) names ${told.length} of ${accounts.list().length} people; routes by which who runs the hub reads others’ values: ${open.length}; only a person’s own tick lifts it`,
    };
  },
  async F7({ house, ask }) {
    const { policy, accounts, objections } = house.people;
    const { hash, text } = policy.current();
    const isNamed = createHash('sha256').update(text).digest('hex') === hash;
    const unnamed = Object.keys(purposes).filter((id) => !policy.current().purposes.some((one) => one.id === id));
    const { status } = await ask('GET', '/api/v1/policy');
    let [waiting, done] = [0, 0];
    for (const { id } of accounts.list())
      for (const purpose of Object.keys(purposes) as (keyof typeof purposes)[]) {
        if (!policy.isWaiting(id, purpose)) continue;
        waiting++;
        if (purposes[purpose].quantities.some((quantity) => objections.mayMake(id, quantities[quantity].code))) done++;
      }
    return {
      isKept: isNamed && status === 200 && unnamed.length === 0 && done === 0,
      evidence: `${policy.versions().length} texts so far, the present one is ${hash.slice(0, 12)}… for all to read; purposes that it does not name: ${unnamed.join(', ') || 'none'}; waiting for a yes: ${waiting}, done all the same: ${done}`,
    };
  },
  D6({ house }) {
    const { accounts } = house.people;
    const types = Object.keys(messageTypes) as MessageTypeId[];
    let [on, unasked] = [0, 0];
    for (const { id } of accounts.list()) {
      for (const type of types)
        for (const channel of Object.keys(channels) as (keyof typeof channels)[]) if (isOn(house.people, id, type, channel)) on++;
      unasked += noticesFor(house, id).filter(({ stop }) => stop !== undefined && !isOn(house.people, id, stop.type, stop.channel)).length;
    }
    const isOff = types.every((type) => !isOn(house.people, 'nobody-yet', type, 'page'));
    return {
      isKept: isOff && unasked === 0,
      evidence: `${types.length} kinds of messages, each with a switch that is off at first; switched on by somebody: ${on}; shown though off: ${unasked}`,
    };
  },
};
