import t, { type Test } from 'tap';
import { type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import { openDerivation } from '../../../hub/derived/derive.ts';
import type { Identity } from '../../../hub/people/identity.ts';
import { HOME } from '../../../hub/people/subjects.ts';
import { openStore } from '../../../hub/store/store.ts';
import type { NewMeasurement } from '../../../hub/store/vault.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
const HOUR = 3_600_000;
const anna: Identity = { heightM: 1.68, sex: 'female', birthDate: '1990-03-01' };

function openHome(t: Test, identity: Identity = anna) {
  const store = openStore(t.testdir({}));
  t.teardown(() => store[Symbol.dispose]());
  const failures: string[] = [];
  const derivation = openDerivation({
    store,
    identities: { get: () => identity },
    zone: 'Europe/Paris',
    failed: (message) => failures.push(message),
  });
  let sequence = 0;
  const row = (quantity: QuantityId, value: number, endUtcMs = NOON, device = 'scale'): NewMeasurement => ({
    device,
    boot: 7,
    sequence: ++sequence,
    code: quantities[quantity].code,
    value,
    endUtcMs,
    spanMs: 0,
    timeQuality: 'synced',
  });
  const keep = async (subject: string, ...rows: NewMeasurement[]) => derivation.of(await store.vault(subject).commit(rows), rows);
  return { store, derivation, failures, row, keep };
}

t.test('a weigh-in with impedance gives composition beside it, with formula, version and inputs', async (t) => {
  const { store, row, keep } = openHome(t);
  const derived = await keep('anna', row('weight', 63), row('impedance', 540));
  const value = (quantity: QuantityId): number => derived.find((one) => one.quantity === quantity)!.value;
  t.ok(Math.abs(value('bmi') - 63 / 1.68 ** 2) < 0.01);
  t.ok(value('fat_ratio') > 20 && value('fat_ratio') < 40, String(value('fat_ratio')));
  t.ok(Math.abs(value('fat_mass') + value('fat_free_mass') - 63) < 0.01);
  const fat = derived.find(({ quantity }) => quantity === 'fat_ratio')!;
  t.same(store.vault('anna').provenance(fat.seq), { algorithm: 'standard-impedance', version: '1', inputs: ['scale/7/1', 'scale/7/2'] });
  t.equal(fat.end, NOON);
});

t.test('two frequencies are used where the scale has them', async (t) => {
  const { store, row, keep } = openHome(t);
  const derived = await keep('anna', row('weight', 63), row('impedance', 520), row('impedance_low', 585));
  const fat = derived.find(({ quantity }) => quantity === 'fat_ratio')!;
  t.equal(store.vault('anna').provenance(fat.seq)?.algorithm, 's400-two-frequencies');
});

t.test('a weigh-in that is sent again derives nothing again', async (t) => {
  const { store, row, keep } = openHome(t);
  const rows = [row('weight', 63), row('impedance', 540)];
  await keep('anna', ...rows);
  const before = store.vault('anna').count();
  t.same(await keep('anna', ...rows), []);
  t.equal(store.vault('anna').count(), before);
});

t.test('without a height nothing follows, without birth date or sex only the body mass index', async (t) => {
  const { row, keep } = openHome(t, {});
  t.same(await keep('anna', row('weight', 63), row('impedance', 540)), []);
  const some = openHome(t, { heightM: 1.68 });
  const derived = await some.keep('anna', some.row('weight', 63), some.row('impedance', 540));
  t.same(
    derived.map(({ quantity }) => quantity),
    ['bmi'],
  );
});

t.test('what the scale computed itself, and what no body can be, is not computed beside it', async (t) => {
  const { row, keep } = openHome(t);
  const given = await keep('anna', row('weight', 63), row('impedance', 540), row('fat_ratio', 27));
  t.same(
    given.map(({ quantity }) => quantity),
    ['bmi'],
  );
  const absurd = await keep('anna', row('weight', 63, NOON + 1), row('impedance', 2900, NOON + 1));
  t.same(
    absurd.map(({ quantity }) => quantity),
    ['bmi'],
  );
});

t.test('the air of a room gets its dew point and the water in it', async (t) => {
  const { row, keep } = openHome(t);
  const derived = await keep(HOME, row('temperature', 20, NOON, 'air'), row('humidity', 50, NOON, 'air'));
  t.same(derived.map(({ quantity }) => quantity).sort(), ['absolute_humidity', 'dew_point']);
  t.ok(Math.abs(derived.find(({ quantity }) => quantity === 'dew_point')!.value - 9.3) < 0.1);
  const soon = await keep(HOME, row('temperature', 21, NOON + 30_000, 'air'), row('humidity', 50, NOON + 30_000, 'air'));
  t.same(soon, [], 'not each half minute, for the disk');
  const later = await keep(HOME, row('temperature', 21, NOON + 600_000, 'air'), row('humidity', 50, NOON + 600_000, 'air'));
  t.equal(later.length, 2);
});

t.test('each hour of particles closes with the US, European and, after a day, UK index', async (t) => {
  const { row, keep } = openHome(t);
  const indices = new Map<number, Map<string, number>>();
  for (let hour = 0; hour <= 30; hour++) {
    for (const minute of [10, 30, 50]) {
      const derived = await keep(HOME, row('pm2_5', 20, NOON + hour * HOUR + minute * 60_000, 'air'));
      if (derived.length > 0) indices.set(hour, new Map(derived.map(({ quantity, value }) => [quantity, value])));
    }
  }
  // Two of the newest three hours are needed by NowCast, one by Europe, eighteen by the UK.
  t.same([...indices.get(1)!.keys()], ['aqi_eu']);
  t.same(Object.fromEntries(indices.get(3)!), { aqi_us: 71, aqi_eu: 3 });
  t.same(Object.fromEntries(indices.get(30)!), { aqi_us: 71, aqi_eu: 3, aqi_uk: 2 });
  t.equal(indices.size, 30, 'once an hour');
});

t.test('a night on the wrist is told once in the morning, with its span, and a tracker on a table tells none', async (t) => {
  const { store, row, keep } = openHome(t);
  const told: { quantity: string; value: number; start: number; end: number }[] = [];
  const minutes = 14 * 60;
  // Awake for two hours, in bed for eight with a stir each 25 minutes, up for four; the table has a day without a count.
  const counts = (minute: number): number => (minute < 120 || minute >= 600 ? 900 : minute % 25 === 0 ? 60 : 0);
  for (let minute = 0; minute < minutes; minute += 5) {
    const batch = Array.from({ length: 5 }, (_, at) => minute + at);
    const worn = batch.map((at) => row('activity_counts', counts(at), NOON + at * 60_000, 'wrist'));
    const table = batch.map((at) => row('activity_counts', at < 120 || at >= 600 ? 900 : 0, NOON + at * 60_000, 'table'));
    told.push(...(await keep('anna', ...worn, ...table)));
  }
  const course = told.filter(({ quantity }) => quantity === 'sleep_stage');
  t.same(
    told
      .filter((one) => !course.includes(one))
      .map(({ quantity }) => quantity)
      .sort(),
    ['sleep_awake', 'sleep_duration', 'sleep_efficiency'],
  );
  t.ok(course.length > 0 && course.every(({ value }) => value === 0 || value === 4), 'its course, asleep and awake');
  const night = told.find(({ quantity }) => quantity === 'sleep_duration')!;
  t.ok(Math.abs(night.value - 8 * 3600) < 20 * 60, String(night.value));
  t.ok(Math.abs(night.start - (NOON + 120 * 60_000)) < 10 * 60_000);
  t.ok(Math.abs(night.end - (NOON + 600 * 60_000)) < 5 * 60_000);
  t.equal(store.vault('anna').provenance(1), undefined);
});

t.test('what a kill left undone is computed when the hub is back, once, from what was kept', async (t) => {
  const { store, row, derivation, failures } = openHome(t);
  const counts = (minute: number): number => (minute < 120 || minute >= 600 ? 900 : minute % 25 === 0 ? 60 : 0);
  const minutes = Array.from({ length: 720 }, (_, minute) => row('activity_counts', counts(minute), NOON + minute * 60_000, 'wrist'));
  await store.vault('anna').commit([...minutes, row('weight', 63), row('impedance', 540), row('weight', 62, NOON + HOUR)]);
  const air = Array.from({ length: 13 }, (_, hour) => row('pm2_5', 20, NOON + hour * HOUR + 600_000, 'air'));
  await store.vault(HOME).commit(air);
  const made = await derivation.catchUp(NOON + 13 * HOUR);
  const of = (quantity: QuantityId): number => made.filter((one) => one.quantity === quantity).length;
  t.same([of('bmi'), of('fat_ratio'), of('sleep_duration'), of('aqi_eu')], [2, 1, 1, 12]);
  t.same(failures, []);
  t.same(await derivation.catchUp(NOON + 13 * HOUR), [], 'nothing twice');
  const [weight] = [...store.vault('anna').range({ quantity: 'weight' })];
  await store.vault('anna').amend(weight!.seq, 64, 'person:anna');
  t.same(await derivation.catchUp(NOON + 13 * HOUR), [], 'nor over what somebody changed');
});

t.test(
  'a night over midnight and over the end of summer time is one night of its true length; one with a hole of hours is not slept through',
  async (t) => {
    // 24 October 2026, 22:00 in Paris; the clock goes back at 03:00.
    const evening = Date.UTC(2026, 9, 24, 20);
    const slept = async (isKnown: (minute: number) => boolean) => {
      const { store, row, derivation } = openHome(t);
      const counts = (minute: number): number => (minute < 60 || minute >= 600 ? 900 : minute % 25 === 0 ? 60 : 0);
      const minutes = Array.from({ length: 720 }, (_, at) => at).filter(isKnown);
      await store.vault('anna').commit(minutes.map((minute) => row('activity_counts', counts(minute), evening + minute * 60_000, 'wrist')));
      const made = await derivation.catchUp(evening + 13 * HOUR);
      return made
        .filter(({ quantity }) => quantity === 'sleep_duration')
        .map(({ value, start, end }) => ({ hours: value / 3600, start, end }));
    };
    const [whole, ...more] = await slept(() => true);
    t.same(more, []);
    t.ok(Math.abs(whole!.hours - 9) < 0.3, `${whole!.hours} h`);
    t.ok(whole!.start < Date.UTC(2026, 9, 24, 22) && whole!.end > Date.UTC(2026, 9, 25, 5));
    const parts = await slept((minute) => minute < 240 || minute > 420);
    t.ok(
      parts.reduce((sum, { hours }) => sum + hours, 0) < 6.5,
      `three hours of which nothing is known are no sleep: ${JSON.stringify(parts.map(({ hours }) => hours))}`,
    );
  },
);

t.test('a damaged identity is said, and the weight stands', async (t) => {
  const { store, row } = openHome(t);
  const failures: string[] = [];
  const get = (): Identity => {
    throw new Error('anna.sealed is damaged');
  };
  const derivation = openDerivation({ store, identities: { get }, zone: 'UTC', failed: (message) => failures.push(message) });
  const rows = [row('weight', 63)];
  t.same(await derivation.of(await store.vault('anna').commit(rows), rows), []);
  t.match(failures[0], /anna.sealed is damaged/);
  t.equal(store.vault('anna').count(), 1);
});

t.test('a scale whose family has a formula of its own is computed by that, and says so', async (t) => {
  const store = openStore(t.testdir({}));
  t.teardown(() => store[Symbol.dispose]());
  const derivation = openDerivation({
    store,
    identities: { get: () => anna },
    zone: 'UTC',
    failed: t.fail,
    formulaOf: (device) => (device === 'ble-1' ? 'yunmai' : undefined),
  });
  const algorithmOn = async (device: string): Promise<string | undefined> => {
    const rows = (
      [
        ['weight', 63],
        ['impedance', 540],
      ] as const
    ).map(
      ([quantity, value], index): NewMeasurement => ({
        device,
        boot: 7,
        sequence: index + 1,
        code: quantities[quantity].code,
        value,
        endUtcMs: NOON,
        spanMs: 0,
        timeQuality: 'synced',
      }),
    );
    const derived = await derivation.of(await store.vault('anna').commit(rows), rows);
    const fat = derived.find(({ quantity }) => quantity === 'fat_ratio');
    return fat && store.vault('anna').provenance(fat.seq)?.algorithm;
  };
  t.equal(await algorithmOn('ble-1'), 'yunmai');
  t.equal(await algorithmOn('scale'), 'standard-impedance');
});
