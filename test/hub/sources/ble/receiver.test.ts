/** What the hub makes of broadcasts: sealed ones, played back ones, and everybody else's. */
import { createCipheriv } from 'node:crypto';
import t from 'tap';
import { quantityOfCode } from '../../../../firmware/protocol/quantities.ts';
import type { BleClaim, Claims } from '../../../../hub/sources/ble/claims.ts';
import { createReceiver } from '../../../../hub/sources/ble/receiver.ts';
import { createSightings } from '../../../../hub/sources/ble/sightings.ts';
import { createTestClock } from '../../../clock.ts';

const ADDRESS = '54:48:E6:8F:80:A5';
const KEY = '231d39c1d7cc1ab1aee224cd096db932';
const OTHER_KEY = '331d39c1d7cc1ab1aee224cd096db932';
const NOW = Date.UTC(2026, 5, 2, 7, 0, 0);

/** BTHome v2, sealed (encryption page of bthome.io): a temperature in hundredths. */
function sealed(centigrade: number, counter: number): string {
  const count = Buffer.alloc(4);
  count.writeUInt32LE(counter);
  const nonce = Buffer.concat([Buffer.from(`${ADDRESS.replaceAll(':', '')}d2fc41`, 'hex'), count]);
  const cipher = createCipheriv('aes-128-ccm', Buffer.from(KEY, 'hex'), nonce, { authTagLength: 4 });
  const plain = Buffer.from([0x02, centigrade & 0xff, centigrade >> 8]);
  const data = Buffer.concat([Buffer.from('d2fc41', 'hex'), cipher.update(plain), cipher.final(), count, cipher.getAuthTag()]);
  return Buffer.concat([Buffer.of(data.length + 1, 0x16), data]).toString('hex');
}

function home(claim?: BleClaim) {
  let now: BleClaim | undefined = claim;
  const claims: Claims = {
    list: () => (now === undefined ? [] : [now]),
    of: (address) => (address === now?.address ? now : undefined),
    set: (one) => {
      now = one;
    },
    remove: () => false,
    count: (_address, counter) => {
      now = { ...now!, counter };
    },
    save: () => undefined,
  };
  const clock = createTestClock(NOW);
  const stop = new AbortController();
  const sightings = createSightings();
  const kept: string[] = [];
  const troubles: string[] = [];
  const receiver = createReceiver({
    claims,
    sightings,
    events: {
      met: () => undefined,
      async commit(_device, _boot, readings) {
        kept.push(...readings.map(({ code, value }) => `${quantityOfCode(code)!.id} ${value}`));
      },
      live: () => undefined,
      trouble: (_device, message) => {
        if (message !== troubles.at(-1)) troubles.push(message);
      },
    },
    onConnectable: () => undefined,
    zoneMinutes: () => 0,
    keptTimes: () => [],
    clock,
    signal: stop.signal,
  });
  return {
    claims,
    sightings,
    clock,
    kept,
    troubles,
    counts: () => receiver.counts(),
    hear: (data: string, address = ADDRESS, isConnectable = false) =>
      receiver.hear({ say: 'advert', address, isRandom: false, isConnectable, isScanResponse: false, rssi: -60, data }),
    async done() {
      stop.abort();
      await receiver.done;
    },
  };
}
const claim = (key: string | null): BleClaim => ({ address: ADDRESS, name: 'Study', model: 'BTHome sensor', key, counter: null });

t.test('a device that speaks in cipher asks for its key, says when it does not fit, and is well with the right one', async (t) => {
  const { hear, claims, kept, troubles, done } = home(claim(null));
  hear(sealed(2150, 1));
  t.match(troubles.at(-1), /speaks in cipher: enter its key/);
  claims.set(claim(OTHER_KEY));
  hear(sealed(2150, 2));
  t.match(troubles.at(-1), /key does not fit: enter the right one/);
  claims.set(claim(KEY));
  hear(sealed(2150, 3));
  t.equal(troubles.at(-1), '', 'nothing is asked any more');
  await done();
  t.same(kept, ['temperature 21.5'], 'only what was opened is kept');
});

t.test('a broadcast that is played back is refused, one that repeats itself is nothing new, and neither alarms anybody', async (t) => {
  const { hear, clock, kept, troubles, counts, done } = home(claim(KEY));
  const [first, second] = [sealed(2100, 7), sealed(2200, 8)];
  hear(first);
  await clock.advance(90_000);
  hear(second);
  await clock.advance(90_000);
  hear(second);
  t.equal(counts().refused, 0);
  await clock.advance(90_000);
  hear(first);
  t.equal(counts().refused, 1, 'its counter went back');
  t.same(troubles, [''], 'it needs nothing of the household');
  await done();
  t.same(kept, ['temperature 21', 'temperature 22']);
});

t.test('everybody else’s are counted, those that could be added are offered, and thousands leave no trace', async (t) => {
  const { hear, sightings, kept, counts, done } = home();
  const PHONE = '02011a020a0c0bff4c001006351aa1c8b3d4';
  const OPEN = '0201060a16d2fc40026608033f13';
  for (let number = 0; number < 3000; number++) {
    const address = `40:00:00:00:${Buffer.of(number >> 8, number & 0xff)
      .toString('hex')
      .toUpperCase()
      .replace(/(..)(..)/, '$1:$2')}`;
    hear(number % 3 === 0 ? OPEN : PHONE, address, number % 2 === 0);
  }
  t.equal(counts().foreign, 3000);
  t.equal(counts().own, 0);
  const offered = sightings.list(NOW);
  t.equal(offered.length, 100, 'the newest alone');
  t.ok(
    offered.every(({ model }) => model === 'BTHome sensor'),
    'no telephone among them',
  );
  await done();
  t.same(kept, [], 'nothing is recorded unasked');
});
