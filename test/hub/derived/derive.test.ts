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
  t.same(told.map(({ quantity }) => quantity).sort(), ['sleep_awake', 'sleep_duration', 'sleep_efficiency']);
  const night = told.find(({ quantity }) => quantity === 'sleep_duration')!;
  t.ok(Math.abs(night.value - 8 * 3600) < 20 * 60, String(night.value));
  t.ok(Math.abs(night.start - (NOON + 120 * 60_000)) < 10 * 60_000);
  t.ok(Math.abs(night.end - (NOON + 600 * 60_000)) < 5 * 60_000);
  t.equal(store.vault('anna').provenance(1), undefined);
});

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
