import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { type BleClaim, ClaimError, deviceOf, deviceOfClaim, openClaims } from '../../../../hub/sources/ble/claims.ts';
import type { Remembered } from '../../../../hub/sources/ble/device-link.ts';
import { remember } from '../../../../hub/sources/ble/remember.ts';
import { openStore } from '../../../../hub/store/store.ts';

const KEY = '231d39c1d7cc1ab1aee224cd096db932';
const thermometer: BleClaim = { address: 'A4:C1:38:8D:18:B2', name: 'Cellar', model: 'BTHome', key: KEY, counter: 7 };
const scale: BleClaim = {
  address: '00:24:E4:11:22:33',
  name: 'Scale',
  model: 'Beurer',
  key: null,
  counter: null,
  userSlot: 1,
  consentCode: 1234,
};

t.test('devices and their keys lie encrypted in the vault of whom they belong to, and go with it', async (t) => {
  const folder = t.testdir({});
  const owners = new Map([[deviceOf(scale.address), 'person-1']]);
  const open = (store: ReturnType<typeof openStore>) =>
    openClaims({ store, ownerOf: (device) => owners.get(device), oldFile: `${folder}/bluetooth.json` });
  {
    using store = openStore(folder);
    store.vault('home');
    store.vault('person-1');
    const claims = open(store);
    claims.set(thermometer);
    claims.set(scale);
    claims.count(thermometer.address, 8);
    claims.save();
    t.same([...store.vault('home').secrets().keys()], ['bluetooth/A4:C1:38:8D:18:B2']);
    t.same([...store.vault('person-1').secrets().keys()], ['bluetooth/00:24:E4:11:22:33']);
  }
  for (const file of ['home.db', 'person-1.db'])
    t.notMatch(readFileSync(`${folder}/vaults/${file}`).toString('latin1'), /231d39c1|consentCode/);
  using store = openStore(folder);
  const claims = open(store);
  t.match(claims.of(thermometer.address), { key: KEY, counter: 8 });
  t.match(claims.of(scale.address), { consentCode: 1234 });

  owners.set(deviceOf(thermometer.address), 'person-1');
  claims.set(thermometer);
  t.equal(store.vault('home').secrets().size, 0, 'given to a person, its key goes with it');
  store.erase('person-1');
  owners.clear();
  claims.count(thermometer.address, 9);
  claims.save();
  t.notOk(store.subjects().includes('person-1'), 'an erased person is not made anew for a counter');
  t.equal(claims.of(thermometer.address), undefined);
  using after = openStore(folder);
  t.same(open(after).list(), [], 'and their devices are gone');
});

t.test("a device of a person who locks their vault is heard all the same: its key lies in the home's", async (t) => {
  using store = openStore(t.testdir({}), { guessCost: { memoryKib: 64, passes: 1, parallelism: 1 } });
  store.vault('home');
  store.vault('person-1');
  const options = { store, ownerOf: () => 'person-1', oldFile: 'none' };
  const claims = openClaims(options);
  claims.set(scale);
  t.equal(store.vault('person-1').secrets().size, 1);
  await store.lock('person-1', 'a secret of four words');
  claims.save();
  t.equal(store.vault('person-1').secrets().size, 0);
  store.lockAgain('person-1');
  claims.count(scale.address, 3);
  claims.save();
  t.match(openClaims(options).of(scale.address), { consentCode: 1234, counter: 3 });
});

t.test('keys in the clear file of an older hub are taken into the vault once, and the file is removed', async (t) => {
  const folder = t.testdir({ 'bluetooth.json': JSON.stringify([thermometer, scale]) });
  using store = openStore(folder);
  const options = { store, ownerOf: () => undefined, oldFile: `${folder}/bluetooth.json` };
  t.equal(openClaims(options).list().length, 2);
  t.notOk(existsSync(options.oldFile));
  t.equal(openClaims(options).of(thermometer.address)?.key, KEY);
  writeFileSync(options.oldFile, '[{"address":');
  t.throws(() => openClaims(options), { name: 'ClaimError', message: /damaged: restore it from a backup/ });
  t.ok(existsSync(options.oldFile), 'a damaged file is left for its owner');
});

t.test('a mistake in an address, key or code is named, and nothing is changed', async (t) => {
  using store = openStore(t.testdir({}));
  const claims = openClaims({ store, ownerOf: () => undefined, oldFile: 'none' });
  const refused = (claim: BleClaim, message: RegExp): void => void t.throws(() => claims.set(claim), { constructor: ClaimError, message });
  refused({ ...thermometer, address: 'bedroom' }, /'bedroom' is no Bluetooth address/);
  refused({ ...thermometer, key: 'abcd' }, /a key of 4 characters does not fit: it has 24 or 32/);
  refused({ ...thermometer, irk: 'abcd' }, /an identity key of 4 characters/);
  refused({ ...scale, consentCode: 10_000 }, /the code 10000 does not fit: it is a number from 0 to 9999/);
  t.same(claims.list(), []);
  t.notOk(claims.remove(thermometer.address));
});

t.test(
  'a device that comes back under another address with its serial number goes on as itself; another of its kind does not',
  async (t) => {
    using store = openStore(t.testdir({}));
    const claims = openClaims({ store, ownerOf: () => undefined, oldFile: 'none' });
    const about = { maker: 'Acme', model: 'Cuff', serial: 'C-7' };
    claims.set({ ...thermometer, address: 'C0:00:00:00:00:01', name: 'Mine', about });
    claims.set({ ...thermometer, address: 'C0:00:00:00:00:02', name: 'Yours', about: { ...about, serial: 'C-8' } });
    claims.set({ ...thermometer, address: 'C0:00:00:00:00:03', name: 'Found' });
    const silent = new Map([['C0:00:00:00:00:01', 60_000]]);
    const told = (what: Remembered): void => remember(claims, 'C0:00:00:00:00:03', what, (address) => silent.get(address) ?? 0);
    // The serial number comes last.
    for (const part of [{ maker: 'Acme' }, { model: 'Cuff' }, { serial: 'C-7' }]) told({ about: part });
    t.equal(claims.list().length, 3, 'two that are heard side by side are two');
    silent.set('C0:00:00:00:00:01', 3_600_000);
    claims.set({ ...claims.of('C0:00:00:00:00:03')!, about: { maker: 'Acme', model: 'Cuff' } });
    told({ about: { serial: 'C-7' } });
    t.same(
      claims.list().map((claim) => [claim.name, claim.address, deviceOfClaim(claim)]),
      [
        ['Yours', 'C0:00:00:00:00:02', 'ble-c00000000002'],
        ['Mine', 'C0:00:00:00:00:03', 'ble-c00000000001'],
      ],
    );
    const bond = { ltk: '0'.repeat(32), ediv: '0000', rand: '0'.repeat(16) };
    told({ bond });
    told({ loggedUntil: { co2: 1 } });
    told({ loggedUntil: { humidity: 2 } });
    t.match(claims.of('C0:00:00:00:00:03'), { bond, loggedUntil: { co2: 1, humidity: 2 } });
    told({ bond: null });
    t.notOk('bond' in claims.of('C0:00:00:00:00:03')!);
  },
);
