/** What is asked of devices and told to them, without a radio: lines in, lines out, on a clock of its own. */
import t from 'tap';
import type { Advertisement, BleValue } from '../../../../hub/sources/ble/advertisement.ts';
import type { BleClaim } from '../../../../hub/sources/ble/claims.ts';
import type { Remembered } from '../../../../hub/sources/ble/device-link.ts';
import { createDeviceLinks } from '../../../../hub/sources/ble/device-links.ts';
import type { ScaleProfile } from '../../../../hub/sources/ble/gatt/scales/family.ts';
import type { RadioAsked } from '../../../../hub/sources/ble/radio/lines.ts';
import type { About } from '../../../../hub/sources/ble/receiver.ts';
import { createTestClock } from '../../../clock.ts';

type Asked = Extract<RadioAsked, { link: number }>;
const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const anna: ScaleProfile = { heightCm: 168, ageYears: 36, sex: 'female', birthDate: { year: 1990, month: 3, day: 1 } };

function openLinks(profile: ScaleProfile | undefined = undefined) {
  const clock = createTestClock(NOW);
  const stop = new AbortController();
  const asked: Asked[] = [];
  const measured: { values: readonly BleValue[]; about: About }[] = [];
  const live: (readonly BleValue[])[] = [];
  const troubles: string[] = [];
  const remembered: Remembered[] = [];
  const links = createDeviceLinks({
    ask: (one) => asked.push(one) > 0,
    events: {
      measured: (_claim, values, about) => void measured.push({ values, about }),
      logged: async () => undefined,
      live: (_claim, values) => void live.push(values),
      trouble: (device, message) => message !== '' && void troubles.push(`${device}: ${message}`),
      remember: (_address, what) => void remembered.push(what),
    },
    profile: () => profile,
    zoneMinutes: () => 120,
    random: (bytes) => new Uint8Array(bytes),
    clock,
    signal: stop.signal,
  });
  return {
    clock,
    asked,
    measured,
    live,
    troubles,
    remembered,
    links,
    stop,
    connects: () => asked.filter(({ ask }) => ask === 'connect').length,
    writes: (uuid: string) => asked.flatMap((one) => (one.ask === 'write' && one.characteristic === uuid ? [one.data] : [])),
  };
}
const claimOf = (address: string, more: Partial<BleClaim> = {}): BleClaim => ({
  address,
  name: 'It',
  model: 'It',
  key: null,
  counter: null,
  ...more,
});
const adverted = (address: string, name: string | null, ...serviceUuids: string[]): Advertisement => ({
  address,
  name,
  rssi: -60,
  serviceUuids,
  serviceData: new Map(),
  manufacturerData: new Map(),
});
const address = (last: number): string => `00:24:E4:00:00:0${last}`;
const BROADCAST = { isRandom: false, tells: false };
const hex = (...bytes: number[]): string => Buffer.from(bytes).toString('hex');

t.test(
  'a scale is told of whom it is certain, by its own layout, and what it computes of them is kept; of a stranger it is not',
  async (t) => {
    // Weight 72.35 kg, then a composition of 21.5 % fat, by the standard's services.
    const weigh = async (home: ReturnType<typeof openLinks>) => {
      home.links.heard(claimOf(address(1), { userSlot: 2, consentCode: 1234 }), adverted(address(1), null, '181d'), BROADCAST);
      home.links.said({ say: 'connected', link: 1, name: null, characteristics: ['2a9d', '2a9c', '2a9f'] });
      home.links.said({ say: 'notified', link: 1, characteristic: '2a9d', data: hex(0x00, 0x86, 0x38) });
      home.links.said({ say: 'notified', link: 1, characteristic: '2a9c', data: hex(0x00, 0x00, 0xd7, 0x00) });
      await home.clock.advance(10);
      return home.measured.map(({ values }) => values.map(({ quantity, value }) => [quantity, Math.round(value * 100) / 100]));
    };
    const alone = openLinks(anna);
    t.same(await weigh(alone), [
      [
        ['weight', 72.35],
        ['fat_ratio', 21.5],
      ],
    ]);
    t.same(
      alone.writes('2a9f'),
      [hex(0x02, 2, ...[1234 & 0xff, 1234 >> 8])],
      'consent, by the number and the code that the person entered',
    );
    const shared = openLinks();
    t.same(await weigh(shared), [[['weight', 72.35]]], 'computed of nobody who was told of');
  },
);

t.test('a scale that does not accept the code says so, and where to enter the right one', async (t) => {
  const home = openLinks(anna);
  home.links.heard(claimOf(address(1), { userSlot: 1, consentCode: 1 }), adverted(address(1), null, '181d'), BROADCAST);
  home.links.said({ say: 'connected', link: 1, name: null, characteristics: ['2a9d', '2a9f'] });
  home.links.said({ say: 'notified', link: 1, characteristic: '2a9f', data: hex(0x20, 0x02, 0x05) });
  await home.clock.advance(10);
  t.match(home.troubles, [/^ble-0024e4000001: The scale does not accept the code for person 1: enter the code that was agreed/]);
});

t.test('a cuff is read the time of, set to it, and its records are dated by how far it was off, by the number of its user', async (t) => {
  const home = openLinks();
  home.links.heard(claimOf(address(1)), adverted(address(1), 'Cuff', '1810'), BROADCAST);
  home.links.said({ say: 'connected', link: 1, name: 'Cuff', characteristics: ['2a35', '2a2b', '2a19', '2a25'] });
  await home.clock.advance(10);
  const order = home.asked.map((one) => (one.ask === 'read' || one.ask === 'subscribe' ? `${one.ask} ${one.characteristic}` : one.ask));
  t.same(order, ['connect', 'read 2a2b', 'subscribe 2a35', 'read 2a25', 'read 2a19'], 'its clock first');
  // 2026-06-01 13:00:00, an hour behind the home's 14:00.
  home.links.said({ say: 'answered', link: 1, characteristic: '2a2b', data: hex(0xea, 0x07, 6, 1, 13, 0, 0, 1, 0, 0) });
  t.same(home.writes('2a2b'), [hex(0xea, 0x07, 6, 1, 14, 0, 0, 1, 0, 0)]);
  const record = hex(0x0a, ...[120, 0, 80, 0, 93, 0], 0xea, 0x07, 6, 1, 12, 30, 0, 2);
  home.links.said({ say: 'notified', link: 1, characteristic: '2a35', data: record });
  home.links.said({ say: 'answered', link: 1, characteristic: '2a25', data: Buffer.from('C-7\0').toString('hex') });
  home.links.said({ say: 'answered', link: 1, characteristic: '2a19', data: hex(55) });
  await home.clock.advance(10);
  const cuff = home.measured.find(({ values }) => values.some(({ quantity }) => quantity === 'systolic'));
  t.match(cuff?.values, [
    { quantity: 'systolic', value: 120 },
    { quantity: 'diastolic', value: 80 },
    { quantity: 'mean_pressure', value: 93 },
  ]);
  t.match(cuff?.about, { deviceTime: '2026-06-01T12:30:00', userSlot: 2, isLive: false });
  t.ok(Math.abs((cuff?.about.leadMs ?? 0) + 3_600_000) < 1000);
  t.ok(home.measured.some(({ values }) => values.some(({ quantity, value }) => quantity === 'battery' && value === 55)));
  t.ok(home.remembered.some(({ about }) => about?.serial === 'C-7'));
});

t.test('one is connected to at a time, worn ones leave room for others, and who rests is left alone', async (t) => {
  const home = openLinks();
  for (let last = 0; last < 5; last++) home.links.heard(claimOf(address(last)), adverted(address(last), null, '180d'), BROADCAST);
  t.equal(home.connects(), 1, 'the first, until its link is open');
  const open = (link: number): void => home.links.said({ say: 'connected', link, name: null, characteristics: ['2a37'] });
  for (let link = 1; link <= 3; link++) open(link);
  t.equal(home.connects(), 3, 'three straps are held');
  home.links.heard(claimOf(address(9)), adverted(address(9), null, '181d'), BROADCAST);
  t.equal(home.connects(), 4, 'and the scale gets its turn all the same');
  open(4);
  home.links.said({ say: 'ended', link: 1, reason: 'taken off' });
  await home.clock.advance(10);
  t.equal(home.connects(), 5, 'the next strap follows one that was taken off');
  home.links.heard(claimOf(address(0)), adverted(address(0), null, '180d'), BROADCAST);
  await home.clock.advance(10);
  t.equal(home.connects(), 5, 'who was just read rests');
});

t.test('one that never lets itself be connected to is tried less and less often, and told after the third time', async (t) => {
  const home = openLinks();
  let link = 0;
  for (let second = 0; second < 3600; second += 5) {
    home.links.heard(claimOf(address(1)), adverted(address(1), null, '1809'), BROADCAST);
    if (home.connects() > link) home.links.said({ say: 'ended', link: ++link, reason: 'no answer to the connection request within 15 s' });
    await home.clock.advance(5000);
  }
  t.ok(link >= 8 && link <= 15, `${link} times in an hour`);
  t.match(home.troubles[0], /It could not be connected to: no answer to the connection request within 15 s/);
  t.equal(home.troubles.length, link - 3);
});

t.test('a device that hangs up in the middle loses nothing that it had said', async (t) => {
  const home = openLinks(anna);
  home.links.heard(claimOf(address(1)), adverted(address(1), null, '181d'), BROADCAST);
  home.links.said({ say: 'connected', link: 1, name: null, characteristics: ['2a9d', '2a9c'] });
  home.links.said({ say: 'notified', link: 1, characteristic: '2a9d', data: hex(0x00, 0x86, 0x38) });
  home.links.said({ say: 'ended', link: 1, reason: '8' });
  await home.clock.advance(10);
  t.match(home.measured, [{ values: [{ quantity: 'weight' }] }]);
});

t.test(
  'a scale that two people agreed on a code with is asked for the newest first, then for each in turn; a new code is tried at once',
  async (t) => {
    const { links, clock, asked, writes } = openLinks();
    const scale = address(1);
    const users = [
      { userSlot: 1, consentCode: 1111 },
      { userSlot: 2, consentCode: 2222 },
    ];
    const seen = adverted(scale, null, '181d');
    const characteristics = ['2a9d', '2a9f'];
    let claim = claimOf(scale, { userSlot: 2, consentCode: 2222, users });
    const connect = (): number => {
      links.heard(claim, seen, BROADCAST);
      const { link } = asked.findLast(({ ask }) => ask === 'connect')!;
      links.said({ say: 'connected', link, name: null, characteristics });
      return link;
    };
    const end = async (link: number, restMs: number): Promise<void> => {
      links.said({ say: 'ended', link, reason: 'it hung up' });
      await clock.advance(restMs);
    };
    for (let turn = 0; turn < 3; turn++) {
      const link = connect();
      await clock.advance(0);
      await end(link, 30_000);
    }
    t.same(writes('2a9f'), [hex(2, 2, 0xae, 0x08), hex(2, 1, 0x57, 0x04), hex(2, 2, 0xae, 0x08)]);

    const held = connect();
    await clock.advance(0);
    claim = { ...claim, userSlot: 1, consentCode: 3333, users: [users[1]!, { userSlot: 1, consentCode: 3333 }] };
    links.again(scale, true);
    t.match(asked.at(-1), { ask: 'disconnect', link: held });
    await end(held, 2001);
    connect();
    await clock.advance(0);
    t.equal(writes('2a9f').at(-1), hex(2, 1, 0x05, 0x0d));
  },
);
