import t, { type Test } from 'tap';
import { quantities } from '../../../../firmware/protocol/quantities.ts';
import { openPeople } from '../../../../hub/people/people.ts';
import { openStore } from '../../../../hub/store/store.ts';
import type { NewMeasurement } from '../../../../hub/store/vault.ts';
import { CHEAP, NOON } from '../../web/web.ts';
import { runFamilies, runFamily } from './families.ts';

const DAY = 86_400_000;

/** A household of some people on one scale. */
async function openScale(t: Test, ...names: string[]) {
  const data = t.testdir({});
  let nowMs: number = NOON;
  let sequence = 0;
  const open = () => {
    const store = openStore(data);
    return { store, people: openPeople({ data, store, zone: 'Europe/Paris', now: () => nowMs, passwordCost: CHEAP }) };
  };
  let { store, people } = open();
  const close = () => {
    store[Symbol.dispose]();
    people[Symbol.dispose]();
  };
  t.teardown(close);
  const ids: string[] = [];
  for (const [index, name] of names.entries()) {
    const password = 'a password of theirs';
    const account =
      index === 0
        ? await people.accounts.claim(name, password, nowMs)
        : await people.accounts.add({ name, password, role: 'member', state: 'active' }, nowMs);
    ids.push(account.id);
  }
  const reading = (
    quantity: 'weight' | 'impedance' | 'heart_rate' | 'steps' | 'co2',
    value: number,
    device = 'scale',
    boot = 7,
  ): NewMeasurement => ({
    device,
    boot,
    sequence: ++sequence,
    code: quantities[quantity].code,
    value,
    endUtcMs: nowMs,
    spanMs: 0,
    timeQuality: 'synced',
  });
  const valuesOf = (subject: string, quantity: 'weight' | 'heart_rate' | 'steps' = 'weight'): number[] =>
    store.subjects().includes(subject) ? [...store.vault(subject).range({ quantity })].map(({ value }) => value) : [];
  return {
    ids,
    reading,
    valuesOf,
    get people() {
      return people;
    },
    get store() {
      return store;
    },
    later(ms: number) {
      nowMs += ms;
    },
    weigh: (kg: number) => people.attribution.keep('scale', 7, [reading('weight', kg)]),
    async taught(...weights: number[]) {
      for (let day = 0; day < 6; day++)
        for (const [index, kg] of weights.entries()) {
          nowMs += DAY / weights.length;
          await people.attribution.keep('scale', 7, [reading('weight', kg + 0.1 * (day % 3))]);
          const [visit] = people.attribution.inbox();
          if (visit !== undefined) await people.attribution.assign(visit.number, ids[index]!, ids[index]!);
        }
      nowMs += DAY / 4;
    },
    restart() {
      close();
      ({ store, people } = open());
    },
  };
}

t.test('H9: who lives alone gets everything, the home its air, and a visiting child is not taken for them', async (t) => {
  const scale = await openScale(t, 'Ada');
  const { ids, reading, valuesOf, weigh, later } = scale;
  const [ada] = ids as [string];
  await scale.people.attribution.keep('scale', 7, [reading('weight', 70), reading('co2', 600)]);
  for (let day = 0; day < 5; day++) {
    later(DAY);
    await weigh(70 + day / 10);
  }
  t.equal(valuesOf(ada).length, 6);
  t.equal([...scale.store.vault('home').range({ quantity: 'co2' })].length, 1);
  later(DAY);
  await weigh(24);
  await scale.people.attribution.keep('scale', 7, [reading('heart_rate', 95)]);
  t.equal(valuesOf(ada).length, 6, 'a child of 24 kg');
  t.same(valuesOf(ada, 'heart_rate'), [], 'nor is their pulse taken for hers');
  t.equal(scale.people.attribution.inbox().length, 1);
});

t.test(
  'H9: what a cuff says of its second user waits for a tap also where one person lives, and then goes to whom it was given',
  async (t) => {
    const { people, ids, reading, valuesOf } = await openScale(t, 'Ada');
    const [ada] = ids as [string];
    const { attribution } = people;
    const cuff = 'ble-0024e4112233';
    await attribution.keep(`${cuff}-1`, 7, [reading('heart_rate', 61, `${cuff}-1`)]);
    await attribution.keep(`${cuff}-2`, 7, [reading('heart_rate', 84, `${cuff}-2`)]);
    t.same(valuesOf(ada, 'heart_rate'), [61]);
    t.match(attribution.inbox(), [{ device: `${cuff}-2` }]);
    await attribution.pair(`${cuff}-2`, ada, ada);
    await attribution.keep(`${cuff}-2`, 7, [reading('heart_rate', 85, `${cuff}-2`)]);
    t.same(valuesOf(ada, 'heart_rate').sort(), [61, 84, 85]);
  },
);

t.test(
  'H9: of two people each gets their own, with the reason kept; unsure readings wait, encrypted, in nobody’s vault; a tap teaches',
  async (t) => {
    const scale = await openScale(t, 'Ada', 'Ben');
    const { ids, valuesOf, weigh, later } = scale;
    const [ada, ben] = ids as [string, string];
    const { attribution } = scale.people;
    await weigh(62);
    t.equal(attribution.inbox().length, 1, 'nobody is known yet');
    t.same([...scale.store.subjects()], [], 'no vault has it');
    attribution.drop(attribution.inbox()[0]!.number, ada);
    await scale.taught(62, 81);
    later(DAY);
    t.match(await weigh(62.4), [{ subject: ada, value: 62.4 }]);
    later(DAY / 2);
    t.match(await weigh(80.6), [{ subject: ben, value: 80.6 }]);
    t.match(attribution.reasons(ben, 1)[0]?.reason, { by: 'trend', weightKg: 80.6, guesses: [{ subject: ben }] });
    later(DAY / 2);
    t.same(await weigh(71.5), [], 'between the two: a guest perhaps');
    const [visit] = attribution.inbox();
    t.match(visit?.reason, { by: 'unsure' });
    t.ok(attribution.drop(visit!.number, ada));
    t.notOk([...valuesOf(ada), ...valuesOf(ben)].includes(71.5), 'a guest is not stored');
    t.same(attribution.inbox(), []);
  },
);

t.test('H9: two people of the same weight are never guessed between', async (t) => {
  const scale = await openScale(t, 'Ada', 'Ben');
  await scale.taught(70, 70.4);
  const before = scale.valuesOf(scale.ids[0]!).length + scale.valuesOf(scale.ids[1]!).length;
  for (let day = 0; day < 5; day++) {
    scale.later(DAY);
    await scale.weigh(70.1 + day / 10);
  }
  t.equal(scale.valuesOf(scale.ids[0]!).length + scale.valuesOf(scale.ids[1]!).length, before);
  t.equal(scale.people.attribution.inbox().length, 5);
});

t.test('H9: a reading that is sent again, before and after a restart or a tap, is where it was, once', async (t) => {
  const scale = await openScale(t, 'Ada', 'Ben');
  await scale.taught(62, 81);
  const [ada] = scale.ids as [string];
  const sure = scale.reading('weight', 62.23);
  await scale.people.attribution.keep('scale', 7, [sure]);
  await scale.people.attribution.keep('scale', 7, [sure]);
  scale.later(DAY);
  const unsure = scale.reading('weight', 71);
  await scale.people.attribution.keep('scale', 7, [unsure]);
  scale.restart();
  await scale.people.attribution.keep('scale', 7, [sure, unsure]);
  t.equal(scale.valuesOf(ada).filter((kg) => kg === 62.23).length, 1);
  t.equal(scale.people.attribution.inbox().length, 1);
  await scale.people.attribution.assign(scale.people.attribution.inbox()[0]!.number, ada, ada);
  await scale.people.attribution.keep('scale', 7, [unsure]);
  t.equal(scale.valuesOf(ada).filter((kg) => kg === 71).length, 1);
  t.same(scale.people.attribution.inbox(), []);
  scale.later(DAY);
  t.match(await scale.weigh(62.3), [{ subject: ada }], 'the trend is known again after the restart');
});

t.test('H9: what is measured a moment later on the same visit goes with it, and settles it', async (t) => {
  const scale = await openScale(t, 'Ada', 'Ben');
  await scale.taught(62, 81);
  const [ada, ben] = scale.ids as [string, string];
  await scale.weigh(81.1);
  scale.later(20_000);
  await scale.people.attribution.keep('scale', 7, [scale.reading('heart_rate', 64)]);
  t.same(scale.valuesOf(ben, 'heart_rate'), [64]);
  t.same(scale.valuesOf(ada, 'heart_rate'), []);
});

t.test(
  'H9: a tracker waits for its person and then goes to them alone; moved readings leave one vault for the other, and can come back',
  async (t) => {
    const scale = await openScale(t, 'Ada', 'Ben');
    const [ada, ben] = scale.ids as [string, string];
    const { people } = scale;
    const walk = () => people.attribution.keep('tracker', 3, [scale.reading('steps', 12, 'tracker', 3)]);
    await walk();
    t.equal(people.attribution.inbox()[0]?.reason.by, 'unpaired');
    await people.attribution.pair('tracker', ben, ben);
    t.same(scale.valuesOf(ben, 'steps'), [12], 'what waited came along');
    scale.later(60_000);
    await walk();
    t.equal(people.attribution.subjectNow('tracker', quantities.steps.code), ben);
    const move = { fromMs: 0, toMs: NOON + DAY, device: 'tracker' };
    t.equal((await people.attribution.move({ from: ben, to: ada, ...move, actor: ben })).length, 2);
    t.same([scale.valuesOf(ben, 'steps'), scale.valuesOf(ada, 'steps')], [[], [12, 12]]);
    t.equal((await people.attribution.move({ from: ada, to: ben, ...move, actor: ada })).length, 2);
    t.same([scale.valuesOf(ben, 'steps'), scale.valuesOf(ada, 'steps')], [[12, 12], []]);
    t.equal(
      scale.store
        .vault(ada)
        .entries(0, 100)
        .filter(({ kind }) => kind === 'removed').length,
      2,
      'the log says so',
    );
  },
);

t.test('H9: in a year of sixty made-up families nobody of the household gets another’s weighing, and few must be tapped', (t) => {
  const apart = runFamilies(60, 8, false);
  const percent = (part: number, whole: number): number => (100 * part) / whole;
  t.comment(
    `8 kg apart: ${apart.weighings} weighings, ${percent(apart.wrong, apart.weighings).toFixed(2)} % wrong (${apart.guestsKept} of ${apart.wrong} guests’), ${percent(apart.laterInbox, apart.later).toFixed(1)} % asked after a month`,
  );
  t.ok(percent(apart.wrong - apart.guestsKept, apart.weighings) < 0.05);
  t.ok(percent(apart.guestsKept, apart.weighings) < 0.3, 'a guest who weighs as much as a member cannot be told apart');
  t.ok(percent(apart.laterInbox, apart.later) < 10);
  const any = runFamilies(60, 0, true);
  t.ok(percent(any.wrong - any.guestsKept, any.weighings) < 0.1, 'families of any weights');
  const twins = runFamily(
    [
      { weightKg: 70, impedanceOhm: 500, kgADay: 0, hour: 7 },
      { weightKg: 70.3, impedanceOhm: 505, kgADay: 0, hour: 7.5 },
    ],
    5,
    false,
    60,
  );
  t.equal(twins.wrong, 0);
  t.ok(percent(twins.inbox, twins.weighings) > 95, 'twins are asked');
  t.end();
});
