import t from 'tap';
import { bytesOf } from '../../../../../../hub/sources/ble/gatt/bytes.ts';
import { composed } from '../../../../../../hub/sources/ble/gatt/scales/composition.ts';
import { type ScaleFamily, write } from '../../../../../../hub/sources/ble/gatt/scales/family.ts';
import type { ScaleAction, ScaleMeasurement } from '../../../../../../hub/sources/ble/gatt/scales/session.ts';
import { measurementsOf, opened, person, someTime } from './hearing.ts';

/** A scale of two bytes: a letter for the progress, and the weight in kg; a third byte is the impedance in tens of ohm. */
const toy: ScaleFamily<number> = {
  id: 'toy',
  model: 'Toy',
  subscribe: ['aa01', 'aa02'],
  whole: ['weight', 'impedance'],
  holdMs: 5000,
  formula: 'standard-impedance',
  memory: () => 0,
  connected: ({ time }) => ({ memory: 0, requests: time === null ? [] : [write('aa03', [1], true)] }),
  timeKnown: (memory) => ({ memory, requests: [write('aa03', [1], true)] }),
  heard: (memory, _, bytes) => {
    const [progress, weight = 0, tens] = bytes;
    const values = [
      { quantity: 'weight', value: weight } as const,
      ...(tens === undefined ? [] : [{ quantity: 'impedance', value: 10 * tens } as const]),
    ];
    const word = ({ 1: 'live', 2: 'settled', 3: 'final', 4: 'stored' } as const)[progress ?? 0];
    return word === undefined ? { memory } : { memory: memory + 1, weighing: { values, progress: word } };
  },
};
const kinds = (actions: readonly ScaleAction[]): string[] =>
  actions.map((action) => (action.kind === 'measurement' ? (action.settled ? 'settled' : 'live') : action.kind));
const weightOf = (actions: readonly ScaleAction[]): number | undefined => measurementsOf(actions).at(-1)?.values[0]?.value;

t.test('a weigh-in is shown while it moves, and given once when it is whole', async (t) => {
  const scale = opened(toy);
  t.same(kinds(scale.greeting), ['subscribe', 'subscribe', 'write']);
  t.same(kinds(scale.hear('aa01', Uint8Array.of(1, 60))), ['live']);
  t.same(kinds(scale.hear('aa01', Uint8Array.of(2, 70))), ['live', 'timer'], 'settled, and the impedance may come');
  t.same(kinds(scale.hear('aa01', Uint8Array.of(2, 70, 50))), ['settled', 'done']);
  t.same(kinds(scale.after(5000)), [], 'nothing is given twice');
  t.same(kinds(scale.hangUp()), ['done']);
});

t.test('a weight whose impedance never comes is given when the hold is over', async (t) => {
  const scale = opened(toy);
  scale.hear('aa01', Uint8Array.of(2, 70));
  t.same(kinds(scale.after(4000)), []);
  t.same(kinds(scale.hear('aa01', Uint8Array.of(2, 71))), ['live'], 'a repetition does not put it off');
  const actions = scale.after(1000);
  t.same(kinds(actions), ['settled', 'done']);
  t.equal(weightOf(actions), 71, 'and the last word counts');
});

t.test('a scale that hangs up on a settled weight has still told it', async (t) => {
  const scale = opened(toy);
  scale.hear('aa01', Uint8Array.of(2, 70));
  const actions = scale.hangUp();
  t.same(kinds(actions), ['settled', 'done']);
  t.equal(weightOf(actions), 70);
});

t.test('a weight that only moved is not kept', async (t) => {
  const scale = opened(toy);
  scale.hear('aa01', Uint8Array.of(1, 70));
  t.same(kinds(scale.hangUp()), ['done']);
});

t.test('stored records are each given, and end with quiet', async (t) => {
  const scale = opened(toy);
  t.same(kinds(scale.hear('aa01', Uint8Array.of(4, 70))), ['settled', 'timer']);
  scale.after(3000);
  t.same(kinds(scale.hear('aa01', Uint8Array.of(4, 71))), ['settled', 'timer']);
  t.same(kinds(scale.after(2000)), [], 'the first timer is too early for the second record');
  t.same(kinds(scale.after(3000)), ['done']);
});

t.test('a scale is never set to a time that nobody knows', async (t) => {
  const scale = opened(toy, { time: null });
  t.same(kinds(scale.greeting), ['subscribe', 'subscribe']);
  t.same(kinds(scale.timeKnown(someTime)), ['write'], 'once known it is');
});

t.test('what the scale lacks is not subscribed to', async (t) => {
  t.same(
    opened(toy, { characteristics: ['aa02'] }).greeting.filter(({ kind }) => kind === 'subscribe'),
    [{ kind: 'subscribe', characteristic: 'aa02' }],
  );
});

t.test('a settled measurement of an impedance names its formula, and is composed by it', async (t) => {
  const [measurement] = measurementsOf(opened(toy).hear('aa01', Uint8Array.of(2, 80, 50)));
  const composition = composed(measurement!, person);
  if (composition?.kind !== 'composed') return t.fail(`composed, but ${JSON.stringify(composition)}`);
  t.equal(composition.algorithm.id, 'standard-impedance');
  t.ok(composition.values.fat_ratio! > 5 && composition.values.fat_ratio! < 40);
  const live: ScaleMeasurement = { ...measurement!, settled: false };
  t.equal(composed(live, person), undefined, 'a weight that moves is nobody yet');
  const { formula: _, ...own } = measurement!;
  t.equal(composed(own, person), undefined, 'a scale that computes itself is not computed again');
});

t.test('a Beurer BF720 is told the time, consented to, and asked for the person before its counter is raised', async (t) => {
  const { beurerBf720 } = await import('../../../../../../hub/sources/ble/gatt/scales/beurer-bf720.ts');
  const characteristics = [...beurerBf720.subscribe, '2a85', '2a8c', '2a8e', 'fff3'];
  const profile = { ...person, consentCode: 1234, userSlot: 2 };
  const scale = opened(beurerBf720, { profile, characteristics });
  const written = (actions: readonly ScaleAction[]): string[] =>
    actions.flatMap((action) => (action.kind === 'write' ? [`${action.characteristic} ${Buffer.from(action.bytes).toString('hex')}`] : []));
  t.same(written(scale.greeting), ['2a2b e9070601080500070000', 'fff2 00', '2a9f 0202d204']);
  const asked = scale.hear('2a9f', bytesOf('200201'));
  t.same(
    asked.map((action) => (action.kind === 'read' ? action.characteristic : action.kind)),
    ['2a85', '2a8c', '2a8e', 'fff3'],
  );
  t.same(written(scale.answer('2a85', bytesOf('cb070101'))), []);
  t.same(written(scale.answer('2a8c', bytesOf('00'))), []);
  t.same(written(scale.answer('2a8e', bytesOf('b700'))), []);
  t.same(
    written(scale.answer('fff3', bytesOf('03'))),
    ['2a85 cb070101', '2a8c 00', '2a8e b700', 'fff3 03', '2a99 01000000'],
    'what the scale knew is written back unchanged',
  );
});

t.test('a Beurer BF720 without a code says what it needs, and a wrong one what to do', async (t) => {
  const { beurerBf720 } = await import('../../../../../../hub/sources/ble/gatt/scales/beurer-bf720.ts');
  const without = opened(beurerBf720).greeting.find(({ kind }) => kind === 'refused');
  t.match(without, { reason: /code/, remedy: /enter the code/ });
  const scale = opened(beurerBf720, { profile: { ...person, consentCode: 1 } });
  t.match(scale.hear('2a9f', bytesOf('200205')).at(-1), { kind: 'refused', reason: /person 1/ });
});
