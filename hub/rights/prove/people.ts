/** What is seen of the promises about people, accounts, the log and access, on the living hub. */
import { readdirSync, readFileSync } from 'node:fs';
import { categories, quantities } from '../../../firmware/protocol/quantities.ts';
import { isAtHome } from '../../ops/home-network.ts';
import { ageGroup, ageOn, birthDateOf, dayIn } from '../../people/age.ts';
import { mayCollect, scenarios } from '../../people/collection.ts';
import { identityFields } from '../../people/identity.ts';
import { operations } from '../../people/operations.ts';
import { RECOMMENDED_COST } from '../../people/passwords.ts';
import { cookies } from '../../web/cookies.ts';
import type { Checks, ProveContext } from './check.ts';

const pagesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => `${entry.parentPath}/${entry.name}`);

const subjectsOf = ({ house }: ProveContext): string[] => house.store.subjects();

export const peopleChecks: Checks = {
  A1(context) {
    let rows = 0;
    const wrong: string[] = [];
    for (const subject of subjectsOf(context))
      for (const { quantity } of context.house.store.vault(subject).latest()) {
        rows++;
        if (!categories.includes(quantities[quantity].category)) wrong.push(quantity);
        const isHomes = quantities[quantity].category === 'environment' || quantities[quantity].category === 'technical';
        if (isHomes !== (subject === 'home')) wrong.push(`${quantity} in ${subject}`);
      }
    return {
      isKept: wrong.length === 0,
      evidence: `${rows} kinds of value kept, of the wrong kind or place: ${wrong.join(', ') || 'none'}`,
    };
  },
  A2() {
    const files = pagesOf(new URL('../../web/page', import.meta.url).pathname);
    const shows = files.filter((file) => /unitWord\(|class="number"/.test(readFileSync(file, 'utf8')) && !file.endsWith('words.ts'));
    const without = shows.filter((file) => !/pictogram\(|categoryTag\(|role="img" aria-label/.test(readFileSync(file, 'utf8')));
    return {
      isKept: shows.length > 0 && without.length === 0,
      evidence: `${shows.length} parts of the page show values; without a pictogram: ${without.map((file) => file.split('/').at(-1)).join(', ') || 'none'}`,
    };
  },
  A3(context) {
    const { people } = context.house;
    const names = people.accounts.list().flatMap(({ id, name }) => [name, ...Object.values(people.identities.get(id)).map(String)]);
    const texts = subjectsOf(context).flatMap((subject) =>
      context.house.store
        .vault(subject)
        .latest()
        .map((row) => `${row.subject} ${row.device}`),
    );
    const found = texts.filter((text) => names.some((name) => name.length > 2 && text.includes(name)));
    return {
      isKept: found.length === 0,
      evidence: `${names.length} identifying values of ${people.accounts.list().length} people; in ${texts.length} measurements: ${found.length}`,
    };
  },
  A4() {
    const table = Object.values(quantities);
    const raw = table.filter(({ origin }) => origin === 'raw').length;
    const processed = table.filter(({ origin }) => origin === 'processed').length;
    return {
      isKept: raw + processed === table.length,
      evidence: `${raw} quantities are read, ${processed} are computed, ${table.length} in all`,
    };
  },
  A5() {
    const cells = scenarios.flatMap((scenario) => categories.map((category) => mayCollect(scenario, category)));
    return {
      isKept: cells.length === 30,
      evidence: `${cells.filter((one) => !one).length} of ${cells.length} cells are closed, and refuse where data enters`,
    };
  },
  async B1({ ask }) {
    const answers = await Promise.all(['/', '/page/app.ts', '/api/v1/session', '/api/v1/cookies'].map((path) => ask('GET', path)));
    const set = answers.reduce((sum, { cookies }) => sum + cookies, 0);
    return {
      isKept: set === 0 && answers.every(({ status }) => status === 200),
      evidence: `4 pages without an account: ${set} cookies set; ${cookies.length} cookie in all, at sign-in`,
    };
  },
  B3({ routes }) {
    const fields = [...Object.keys(quantities), ...Object.keys(identityFields), ...routes.map(({ route }) => route)];
    const money = fields.filter((field) => /card|iban|bank|payment|invoice|price/i.test(field));
    return { isKept: money.length === 0, evidence: `${fields.length} fields and routes, of money: ${money.join(', ') || 'none'}` };
  },
  async B4({ ask }) {
    const { status, body } = await ask('GET', '/api/v1/profile-fields');
    const fields = status === 200 ? (JSON.parse(body) as { id: string; neededFor: string }[]) : [];
    const needed = fields.filter(({ neededFor }) => neededFor !== '').map(({ id }) => id);
    return {
      isKept: fields.length > 0,
      evidence: `${fields.length} optional fields; these say which feature needs them: ${needed.join(', ')}`,
    };
  },
  B5() {
    const kinds = Object.keys(operations);
    const missing = ['alarm', 'share', 'questionnaire', 'field', 'paired'].filter((kind) => !kinds.includes(kind));
    return {
      isKept: missing.length === 0,
      evidence: `${kinds.length} kinds of operation, missing of those that collect: ${missing.join(', ') || 'none'}`,
    };
  },
  B6({ routes }) {
    const found = [...Object.keys(quantities), ...routes.map(({ route }) => route)].filter((name) =>
      /latitude|longitude|geoloc|location/i.test(name),
    );
    return { isKept: found.length === 0, evidence: `no quantity and no route takes a location: ${found.join(', ') || 'none of them'}` };
  },
  B7({ house }) {
    const kept = house.people.invitations.keptAddresses();
    return {
      isKept: kept.readable === 0,
      evidence: `${kept.hashes} salted hashes of open invitations, each ends with its invitation; ${kept.readable} addresses`,
    };
  },
  B8({ house }) {
    const known = new Set(['home', ...house.people.accounts.list().flatMap(({ id, role }) => (role === 'guest' ? [] : [id]))]);
    const strange = house.store.subjects().filter((subject) => house.people.accounts.isClaimed && !known.has(subject));
    return {
      isKept: strange.length === 0,
      evidence: `vaults of others than the people of this hub and the home: ${strange.join(', ') || 'none'}`,
    };
  },
  B9({ house, routes }) {
    const pairing = routes.find(({ route }) => route.startsWith('put /api/v1/pairings/'));
    const { accounts, attribution } = house.people;
    const pairings = attribution.pairings();
    const ownerless = pairings.filter(({ subject }) => accounts.get(subject) === undefined).length;
    return {
      isKept: pairing?.access === 'household' && ownerless === 0,
      evidence: `pairing is for: ${pairing?.access}; ${pairings.length} products are paired, to nobody known: ${ownerless}`,
    };
  },
  async C6({ house, ask }) {
    const { status } = await ask('GET', '/api/v1/latest');
    const { memoryKib, passes } = RECOMMENDED_COST;
    return {
      isKept: house.people.accounts.isClaimed && status === 401,
      evidence: `claimed: ${house.people.accounts.isClaimed}; without signing in: ${status}; argon2id of ${memoryKib / 1024} MiB and ${passes} passes`,
    };
  },
  C7({ house, routes }) {
    const guarded = routes.filter(({ again }) => again !== undefined).map(({ route }) => route);
    const matters = /\/export$|\/move$|\/camera$|erasure|\/consent$/;
    const open = routes.filter(
      ({ route, again }) =>
        !route.startsWith('delete') && !/^get .*consent|^get .*\/camera/.test(route) && matters.test(route) && again === undefined,
    );
    const { accounts, secrets } = house.people;
    const set = accounts.list().filter(({ id }) => secrets.list(id).length > 0).length;
    return {
      isKept: guarded.length > 0 && open.length === 0,
      evidence: `${set} of ${accounts.list().length} people set one; ${guarded.length} routes ask again, missing: ${open.map(({ route }) => route).join(', ') || 'none'}`,
    };
  },
  D4({ house }) {
    const faults = house.people.operations.verify();
    return {
      isKept: faults.length === 0,
      evidence: `${house.people.operations.head().seq} rows, chained and sealed; faults: ${faults.join('; ') || 'none'}`,
    };
  },
  D7({ routes }) {
    const sale = [...Object.keys(operations), ...routes.map(({ route }) => route)].filter((name) => /sale|sell|advert/i.test(name));
    return { isKept: sale.length === 0, evidence: `no operation and no route sells anything: ${sale.join(', ') || 'none of them'}` };
  },
  F4({ house }) {
    const boundary = [
      ageOn({ year: 2013, month: 5, day: 4 }, { year: 2026, month: 5, day: 3 }),
      ageOn({ year: 2013, month: 5, day: 4 }, { year: 2026, month: 5, day: 4 }),
    ];
    return {
      isKept: boundary[0] === 12 && boundary[1] === 13,
      evidence: `the day before the 13th birthday is refused, the day itself is not, by the calendar of ${house.people.zone}`,
    };
  },
  async F5({ house }) {
    const { accounts, guardians, key } = house.people;
    const minors = accounts.list().flatMap(({ id, state }) => {
      const guardianship = guardians.of(id);
      return guardianship === undefined || guardianship.state === 'handed-over' ? [] : [{ ...guardianship, isActive: state === 'active' }];
    });
    let wrong = 0;
    for (const { isActive, state, receipt, ward, guardian } of minors) {
      const signed = receipt === undefined ? undefined : await key.check(receipt);
      if (isActive && (state !== 'given' || signed?.subject !== ward || signed.by !== guardian)) wrong++;
    }
    return { isKept: wrong === 0, evidence: `${minors.length} minors; active without a receipt that the hub signed: ${wrong}` };
  },
  F6({ house, routes }) {
    const { accounts, identities, zone } = house.people;
    const today = dayIn(zone, house.now());
    const tooYoung = accounts.list().filter(({ id }) => {
      const { birthDate } = identities.get(id);
      return birthDate !== undefined && ageGroup(birthDateOf(birthDate, today), today) === 'under-age';
    });
    const erasure = routes.find(({ route }) => route.endsWith('/under-age-erasure'));
    return {
      isKept: tooYoung.length === 0 && erasure?.again === 'always',
      evidence: `accounts of children under 13: ${tooYoung.length}; erased at one command of: ${erasure?.access ?? 'nobody'}`,
    };
  },
  G1({ house, address, routes }) {
    const bare = routes.filter(({ access }) => access === undefined);
    const isHome = address === '0.0.0.0' || address === '::' || isAtHome(address);
    return {
      isKept: isHome && !house.allowsRemote && bare.length === 0,
      evidence: `listens on ${address}; from outside: ${house.allowsRemote ? 'switched on' : 'refused'}; ${routes.length} routes, without a rule: ${bare.map(({ route }) => route).join(', ') || 'none'}`,
    };
  },
  H9({ house }) {
    const { attribution } = house.people;
    const lost = subjectsOf({ house } as ProveContext).filter((subject) => subject === 'inbox' || subject === 'guest');
    return {
      isKept: lost.length === 0,
      evidence: `${attribution.inbox().length} visits wait in nobody’s vault; vaults of nobody: ${lost.length}`,
    };
  },
};
