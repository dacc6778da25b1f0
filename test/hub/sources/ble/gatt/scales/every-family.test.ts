import t from 'tap';
import { quantities } from '../../../../../../firmware/protocol/quantities.ts';
import { chooseScale, type ScaleIdentity, scales } from '../../../../../../hub/sources/ble/gatt/scales/choose.ts';
import { MAX_WEIGHT_KG, type ScaleProfile } from '../../../../../../hub/sources/ble/gatt/scales/family.ts';
import type { AnySession, ScaleAction, ScaleEvent } from '../../../../../../hub/sources/ble/gatt/scales/session.ts';
import fc from '../../../../../property.ts';
import { connectionWith, person, someTime } from './hearing.ts';

const unknown: ScaleIdentity = { name: null, address: null, serviceUuids: [], serviceData: new Map(), manufacturerData: new Map() };
/** The longest value that a characteristic has: Bluetooth Core 5.4, Vol 3 Part F, 3.2.9. */
const MAX_VALUE = 512;

/** First bytes that some family looks for, so that random frames get past its first question. */
const HEADS = [
  0x01, 0x02, 0x03, 0x05, 0x0f, 0x10, 0x12, 0x14, 0x15, 0x20, 0x21, 0x23, 0x24, 0x5a, 0x55, 0xa1, 0xa3, 0xab, 0xac, 0xcf, 0xe7, 0xf0, 0xfe,
  0xff,
];
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 24 }),
  fc.tuple(fc.constantFrom(...HEADS), fc.uint8Array({ maxLength: 40 })).map(([head, tail]) => Uint8Array.from([head, ...tail])),
);
const profile: fc.Arbitrary<ScaleProfile> = fc.record(
  {
    heightCm: fc.double({ min: 0, max: 300, noNaN: true }),
    ageYears: fc.double({ min: 0, max: 130, noNaN: true }),
    sex: fc.constantFrom('male', 'female'),
    athlete: fc.boolean(),
    lastWeightKg: fc.double({ min: 0, max: 400, noNaN: true }),
    userSlot: fc.integer({ min: 0, max: 300 }),
    consentCode: fc.integer({ min: 0, max: 9999 }),
    register: fc.boolean(),
    provision: fc.boolean(),
    displayUnit: fc.constantFrom('kg', 'lb', 'st'),
    pairingKey: fc.uint8Array({ maxLength: 16 }),
  },
  { requiredKeys: ['heightCm', 'ageYears', 'sex'] },
) as fc.Arbitrary<ScaleProfile>;

function eventsOf({ family }: AnySession): fc.Arbitrary<readonly ScaleEvent[]> {
  const characteristic = fc.constantFrom(...family.subscribe, '2a9d', '2a9c', 'fff1', 'fff4', '2a85', '2a05');
  const at = fc.constant(0);
  const time = fc.constantFrom(null, someTime);
  const connection = fc
    .constantFrom(null, 'QN-Scale1', 'BLEsmart_0001010B', 'ADV', 'Vital')
    .map((name) => connectionWith([...family.subscribe, '2a9f', '2a2b', 'fff2', '2a85'], name));
  const event: fc.Arbitrary<ScaleEvent> = fc.oneof(
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('connected' as const), at, connection, time }) },
    { weight: 12, arbitrary: fc.record({ kind: fc.constant('notification' as const), at, characteristic, bytes }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('answer' as const), at, characteristic, bytes: fc.option(bytes) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('timer' as const), at }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('time' as const), at, time: fc.constant(someTime) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('disconnected' as const), at }) },
  );
  return fc.array(event, { maxLength: 25 }).map((events) => events.map((one, index) => ({ ...one, at: index * 1500 })));
}

/** What is wrong with an action; nothing for one that the radio and the store can take. */
function wrong(action: ScaleAction): string | undefined {
  switch (action.kind) {
    case 'measurement': {
      const [weight] = action.values;
      if (weight?.quantity !== 'weight') return 'no weight';
      if (!(weight.value > 0 && weight.value <= MAX_WEIGHT_KG)) return `${weight.value} kg`;
      const bad = action.values.find(({ quantity, value }) => !(quantity in quantities) || !Number.isFinite(value) || value <= 0);
      if (bad !== undefined) return `${bad.quantity} ${bad.value}`;
      return action.agoMs !== undefined && !(action.agoMs >= 0) ? `${action.agoMs} ms ago` : undefined;
    }
    case 'write':
      return action.bytes.length > MAX_VALUE || action.bytes.length === 0 ? `${action.bytes.length} bytes` : undefined;
    case 'wait':
    case 'timer':
      return action.ms > 0 && action.ms <= 120_000 ? undefined : `${action.ms} ms`;
    default:
      return undefined;
  }
}

t.test('no events stop a family, and none gives a weight that nobody has', async (t) => {
  for (const session of scales) {
    let measurements = 0;
    fc.assert(
      fc.property(profile, eventsOf(session), (who, events) => {
        let state = session.init(who);
        for (const event of events) {
          const [next, actions] = session.step(state, event);
          state = next;
          for (const action of actions) {
            const say = wrong(action);
            if (say !== undefined) throw new Error(`${session.family.id}: ${action.kind} ${say}`);
            if (action.kind === 'measurement') measurements++;
          }
        }
      }),
      { numRuns: 120 },
    );
    t.ok(measurements >= 0, session.family.id);
  }
});

t.test('a session is a function of its events: the same give the same', async (t) => {
  for (const session of scales) {
    fc.assert(
      fc.property(eventsOf(session), (events) => {
        const run = (): string => {
          let state = session.init(person);
          const said: unknown[] = [];
          for (const event of events) {
            const [next, actions] = session.step(state, event);
            state = next;
            said.push(actions);
          }
          return JSON.stringify(said);
        };
        const first = run();
        return first === run();
      }),
      { numRuns: 15 },
    );
  }
  t.pass();
});

t.test('each family has a name of its own and can be forced', async (t) => {
  const ids = scales.map(({ family }) => family.id);
  t.equal(new Set(ids).size, ids.length);
  for (const id of ids) t.equal(chooseScale(unknown, id)?.family.id, id);
  t.equal(chooseScale(unknown, 'no-such-scale'), undefined);
});

t.test('a scale is chosen by its name, its service or its maker, and a stranger is none', async (t) => {
  const chosen = (identity: Partial<ScaleIdentity>): string | undefined => chooseScale({ ...unknown, ...identity })?.family.id;
  t.equal(chosen({ name: 'Robi S9' }), 'robi-s9');
  t.equal(chosen({ name: 'MIBFS', serviceUuids: ['181b'] }), 'mi-scale-2');
  t.equal(chosen({ name: 'Somebody', serviceUuids: ['181d'] }), 'standard-gatt', 'the standard service of any maker');
  t.equal(chosen({ name: 'Somebody', serviceUuids: ['180d'] }), undefined, 'a heart rate strap');
  t.equal(chosen({}), undefined);
});

t.test('no identity stops the choice', async (t) => {
  const data = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 0xffff }), fc.uint8Array({ maxLength: 24 })), {
    selector: ([id]) => id,
    maxLength: 3,
  });
  fc.assert(
    fc.property(
      fc.option(fc.string()),
      data,
      fc.array(fc.constantFrom('fff0', 'ffb0', '181b', '181d', 'ffe0', '1a10')),
      (name, maker, serviceUuids) => {
        const identity = { ...unknown, name, serviceUuids, manufacturerData: new Map(maker) };
        const chosen = chooseScale(identity);
        return chosen === undefined || scales.includes(chosen);
      },
    ),
  );
  t.pass();
});
