import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { quantities } from '../../../firmware/protocol/quantities.ts';
import { newKeyPair, openSealed, sealTo } from '../../../hub/store/hpke.ts';
import { openStore } from '../../../hub/store/store.ts';
import type { NewMeasurement } from '../../../hub/store/vault.ts';
import fc from '../../property.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
/** The tests are about what opens, not about how long a guess takes. */
const guessCost = { memoryKib: 64, passes: 1, parallelism: 1 };
const SECRET = 'a passphrase of hers';
const weight = (sequence: number, value: number): NewMeasurement => ({
  device: 'scale',
  boot: 7,
  sequence,
  code: quantities.weight.code,
  value,
  endUtcMs: 1_700_000_000_000 + sequence * 1000,
  spanMs: 0,
  timeQuality: 'synced',
});

t.test('HPKE opens the message of RFC 9180, A.1.1, and what it sealed itself; nothing that was changed', (t) => {
  const keys = {
    privateKey: hex('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8'),
    publicKey: hex('3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d'),
  };
  const enc = '37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431';
  const ciphertext = 'f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a';
  const shared = { info: hex('4f6465206f6e2061204772656369616e2055726e'), aad: hex('436f756e742d30'), aead: 'aes-128-gcm' } as const;
  t.equal(String(openSealed({ keys, ...shared }, hex(enc + ciphertext))), 'Beauty is truth, truth beauty');
  t.equal(openSealed({ keys, ...shared, aad: hex('436f756e742d31') }, hex(enc + ciphertext)), undefined);

  const own = newKeyPair();
  const info = Buffer.from('test');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), (message, at) => {
      const sealed = sealTo({ publicKey: own.publicKey, info }, Buffer.from(message));
      const same = Buffer.compare(openSealed({ keys: own, info }, sealed)!, Buffer.from(message)) === 0;
      sealed[at % sealed.length]! ^= 1;
      return same && openSealed({ keys: own, info }, sealed) === undefined;
    }),
    { numRuns: 30 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => openSealed({ keys: own, info }, Buffer.from(bytes)) === undefined),
    { numRuns: 30 },
  );
  t.end();
});

t.test(
  'a locked vault takes in and gives nothing out, also after a restart with all the machine has; its secret and its kit open it',
  async (t) => {
    const folder = t.testdir({});
    let store = openStore(folder, { guessCost });
    await store.keep('ada', [weight(1, 70)]);
    const kit = await store.lock('ada', SECRET);
    t.equal(store.lockState('ada'), 'unlocked');
    t.equal((await store.keep('ada', [weight(2, 71)])).length, 1, 'unlocked it goes on as before');
    store.lockAgain('ada');
    t.same(store.subjects(), []);
    t.throws(() => store.vault('ada'), /vault of ada is locked/);
    t.same(await store.keep('ada', [weight(3, 72.125), weight(4, Number.NaN)]), []);
    store[Symbol.dispose]();

    store = openStore(folder, { guessCost });
    t.notOk(existsSync(`${folder}/keys/ada.key`), 'the machine has no key of it');
    t.throws(() => store.vault('ada'), /vault of ada is locked/);
    t.same(await store.keep('ada', [weight(3, 72.125), weight(5, 73)]), [], 'sent again, sealed again');
    const everything = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`).toString('latin1'))
      .join('');
    t.notMatch(everything, /72\.125|"scale"/, 'no value and no device in clear');
    t.equal(await store.unlock('ada', 'something else'), undefined);
    t.equal(await store.unlock('ada', `${kit.slice(0, -1)}${kit.endsWith('0') ? '1' : '0'}`), undefined, 'a kit with a slip');
    t.equal(await store.unlock('ada', SECRET), 3);
    t.same(
      store
        .vault('ada')
        .log(0, 9)
        .map(({ value }) => value),
      [70, 71, 72.125, Number.NaN, 73],
      'each once, in order',
    );
    t.equal(store.aboutLock('ada')?.waitingBytes, 0);
    store.lockAgain('ada');
    t.equal(await store.unlock('ada', kit.toLowerCase()), 0, 'the kit opens it too');
    store.removeLock('ada');
    t.equal(store.lockState('ada'), 'plain');
    store[Symbol.dispose]();
    t.equal(openStore(folder, { guessCost }).vault('ada').count(), 5, 'and the machine keeps the key again');
  },
);

t.test(
  'a power cut in the inbox costs only what was not acknowledged; one after the lock leaves no key; a clock that is known later is told',
  async (t) => {
    const folder = t.testdir({});
    let store = openStore(folder, { guessCost });
    await store.keep('ada', [{ ...weight(1, 70), hubBoot: 9, isUnset: true }]);
    const machinesKey = readFileSync(`${folder}/keys/ada.key`);
    await store.lock('ada', SECRET);
    store.lockAgain('ada');
    await store.keep('ada', [{ ...weight(2, 71), hubBoot: 9, isUnset: true }]);
    await store.keep('ada', [weight(3, 72)]);
    await store.redate(9, 60_000, 'hub');
    store[Symbol.dispose]();
    const inbox = `${folder}/locks/ada.inbox`;
    truncateSync(inbox, statSync(inbox).size - 5);
    writeFileSync(`${folder}/keys/ada.key`, machinesKey);

    store = openStore(folder, { guessCost });
    t.throws(() => store.vault('ada'), /vault of ada is locked/, 'a key that was left behind opens nothing');
    await store.keep('ada', [weight(4, 73)]);
    t.equal(await store.unlock('ada', SECRET), 2);
    t.same(
      store
        .vault('ada')
        .log(0, 9)
        .map(({ value, end }) => [value, end]),
      [
        [70, 1_700_000_061_000],
        [71, 1_700_000_062_000],
        [73, 1_700_000_004_000],
      ],
    );
    t.notOk(existsSync(`${folder}/keys/ada.key`));
    store.lockAgain('ada');
    await store.keep('ada', [weight(5, 74)]);
    store.erase('ada');
    t.same(readdirSync(`${folder}/locks`), [], 'a locked vault is erased without its secret, and what waited with it');
    t.equal(store.lockState('ada'), 'plain');
  },
);
