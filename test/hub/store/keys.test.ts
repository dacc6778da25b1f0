import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { keyOf, machineKeyFile } from '../../../hub/store/keys.ts';
import { exportKit, keyOfKit, kitOf, restoreKit } from '../../../hub/store/recovery-kit.ts';
import fc from '../../property.ts';

t.test('a key lies sealed, the key that opens it in a file of its own that only the hub reads', (t) => {
  const data = t.testdir({});
  const key = keyOf(`${data}/keys`, 'home', true);
  t.match(key, /^[0-9a-f]{64}$/);
  t.notMatch(readFileSync(`${data}/keys/home.key`, 'utf8'), new RegExp(key));
  t.equal(statSync(machineKeyFile(`${data}/keys`)).mode & 0o777, 0o600);
  t.equal(keyOf(`${data}/keys`, 'home', false), key);
  renameSync(`${data}/keys/home.key`, `${data}/keys/other.key`);
  t.throws(() => keyOf(`${data}/keys`, 'other', false), /sealed by another machine's key/, 'and opens under its own name alone');
  t.end();
});

t.test('a key file of an older Hearth is read, and sealed', (t) => {
  const data = t.testdir({});
  const old = 'ab'.repeat(32);
  mkdirSync(`${data}/keys`);
  writeFileSync(`${data}/keys/home.key`, `${old}\n`);
  t.equal(keyOf(`${data}/keys`, 'home', false), old);
  t.notMatch(readFileSync(`${data}/keys/home.key`, 'utf8'), new RegExp(old));
  t.equal(keyOf(`${data}/keys`, 'home', false), old);
  t.end();
});

t.test('with the recovery kit a copy of the folder opens on another machine, without it it does not', (t) => {
  const data = t.testdir({});
  const key = keyOf(`${data}/keys`, 'home', true);
  const kit = exportKit(data);
  rmSync(machineKeyFile(`${data}/keys`));
  t.throws(
    () => keyOf(`${data}/keys`, 'home', false),
    /machine\.key is missing, which opens .*home\.key: restore it with 'hearth restore-kit'/,
  );
  t.throws(() => restoreKit(data, kitOf(Buffer.alloc(32, 1))), /opens none of the 1 keys .* another hub's/);
  t.throws(() => keyOf(`${data}/keys`, 'home', false), /missing/, 'a wrong kit changes nothing');
  t.equal(restoreKit(data, kit.toLowerCase().replaceAll('-', ' ')), 1);
  t.equal(keyOf(`${data}/keys`, 'home', false), key);
  t.end();
});

t.test('a kit comes back as it was, and one mistyped character is noticed', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(68), fc.nat(31), (bytes, at, digit) => {
      const key = Buffer.from(bytes);
      const kit = kitOf(key);
      const typed = kit.slice(0, at) + '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[digit] + kit.slice(at + 1);
      if (!keyOfKit(kit).equals(key)) return false;
      if (kit[at] === '-' || typed === kit) return true;
      try {
        keyOfKit(typed);
        return false;
      } catch (error) {
        return error instanceof Error && /mistyped/.test(error.message);
      }
    }),
  );
  t.throws(() => keyOfKit('ABCD'), /has 4 characters, not 56/);
  t.throws(() => keyOfKit('ABC!'), /'!' in it/);
  t.end();
});
