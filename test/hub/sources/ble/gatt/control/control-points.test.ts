import t from 'tap';
import { bytesOf, hexOf } from '../../../../../../hub/sources/ble/gatt/bytes.ts';
import { decodeCharacteristic } from '../../../../../../hub/sources/ble/gatt/characteristics/table.ts';
import { civilTimeOf } from '../../../../../../hub/sources/ble/gatt/civil-time.ts';
import { CURRENT_TIME, encodeCurrentTime } from '../../../../../../hub/sources/ble/gatt/control/current-time.ts';
import { decodeRecordAnswer, encodeRecordRequest } from '../../../../../../hub/sources/ble/gatt/control/record-access.ts';
import { decodeUserAnswer, encodeUserRequest } from '../../../../../../hub/sources/ble/gatt/control/user-control.ts';
import fc from '../../../../../property.ts';

const morning = civilTimeOf(Date.UTC(2025, 5, 1, 6, 5, 0), 120);

t.test('stored records are asked for as the standard writes it', async (t) => {
  const asked = (request: Parameters<typeof encodeRecordRequest>[0]): string => hexOf(encodeRecordRequest(request));
  t.equal(asked({ kind: 'report', selection: { which: 'all' } }), '0101');
  t.equal(asked({ kind: 'count', selection: { which: 'all' } }), '0401');
  t.equal(asked({ kind: 'delete', selection: { which: 'last' } }), '0206');
  t.equal(asked({ kind: 'abort' }), '0300');
  t.equal(asked({ kind: 'report', selection: { which: 'from', filter: { by: 'sequence', value: 0x0102 } } }), '0103010201');
  t.equal(asked({ kind: 'report', selection: { which: 'up to', filter: { by: 'time', value: morning } } }), '010202e9070601080500');
  const between = { which: 'between', filter: { by: 'sequence', value: 1 }, end: { by: 'sequence', value: 9 } } as const;
  t.equal(asked({ kind: 'report', selection: between }), '01040101000900');
});

t.test('an answer about records says how many, that it is done, that there is none, or why not', async (t) => {
  t.same(decodeRecordAnswer(bytesOf('05002a01')), { kind: 'count', records: 298 });
  t.same(decodeRecordAnswer(bytesOf('06000101')), { kind: 'done', request: 1 });
  t.same(decodeRecordAnswer(bytesOf('06000106')), { kind: 'none', request: 1 });
  t.same(decodeRecordAnswer(bytesOf('06000104')), { kind: 'refused', request: 1, reason: 'the operator is not supported' });
  t.same(decodeRecordAnswer(bytesOf('060001f0')), { kind: 'refused', request: 1, reason: 'result 0xf0' });
  t.equal(decodeRecordAnswer(bytesOf('060001')), undefined);
  t.equal(decodeRecordAnswer(bytesOf('01010000')), undefined, 'a request is no answer');
});

t.test('a person consents with the code, and registers without an index', async (t) => {
  t.equal(hexOf(encodeUserRequest({ kind: 'consent', userIndex: 3, consentCode: 1234 })), '0203d204');
  t.equal(hexOf(encodeUserRequest({ kind: 'register', consentCode: 9999 })), '010f27');
  t.equal(hexOf(encodeUserRequest({ kind: 'list' })), '04');
  t.equal(hexOf(encodeUserRequest({ kind: 'delete' })), '03');
  t.same(decodeUserAnswer(bytesOf('200201')), { kind: 'consented' });
  t.same(decodeUserAnswer(bytesOf('20010105')), { kind: 'registered', userIndex: 5 });
  t.same(decodeUserAnswer(bytesOf('200205')), { kind: 'unauthorised' });
  t.same(decodeUserAnswer(bytesOf('200104')), { kind: 'refused', request: 1, reason: 'the operation failed' });
  t.same(decodeUserAnswer(bytesOf('200401')), { kind: 'done', request: 4 });
  t.equal(decodeUserAnswer(bytesOf('2002')), undefined);
});

t.test('the time that is written is the time that the characteristic decodes to', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2090, 0) }), fc.integer({ min: -720, max: 840 }), (ms, zone) => {
      const time = civilTimeOf(ms, zone);
      const decoded = decodeCharacteristic(CURRENT_TIME, encodeCurrentTime(time));
      return decoded?.ok === true && JSON.stringify(decoded.decoded.fields.dateTime) === JSON.stringify(time);
    }),
  );
  t.equal(hexOf(encodeCurrentTime(morning)), 'e9070601080500070000', 'a Sunday is 7');
});

t.test('no bytes stop the reading of an answer', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
      decodeRecordAnswer(bytes);
      const user = decodeUserAnswer(bytes);
      return user?.kind !== 'registered' || Number.isInteger(user.userIndex);
    }),
  );
  t.pass();
});
