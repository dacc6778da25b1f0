/** No bytes make a decoder throw, and random bytes are no measurement. The long run is test/soak/adverts.ts. */

import t from 'tap';
import { isQuantityId } from '../../../../../firmware/protocol/quantities.ts';
import type { Advertisement } from '../../../../../hub/sources/ble/advertisement.ts';
import { concernsUs, decodeAdvertisement } from '../../../../../hub/sources/ble/advertisements/decode.ts';
import { families } from '../../../../../hub/sources/ble/advertisements/families.ts';
import { parseAdvertisingData } from '../../../../../hub/sources/ble/advertising-data.ts';
import fc from '../../../../property.ts';
import { fuzzBroadcasts } from '../../../../soak/adverts.ts';

const bytes = fc.uint8Array({ maxLength: 48 });
const address = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((six) => Array.from(six, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':'));
const companies = families.flatMap(({ companies }) => companies ?? []);
const services = families.flatMap(({ serviceData }) => serviceData ?? []);
const listed = families.flatMap(({ serviceUuids }) => serviceUuids ?? []);
const names = families.flatMap(({ names }) => names ?? []);

const advertisement: fc.Arbitrary<Advertisement> = fc.record({
  address: fc.option(address),
  name: fc.option(fc.oneof(fc.string(), fc.constantFrom(...names), fc.constantFrom('GVH5106_1234', 'GV5140ABCD', 'X2', 'WoSensorTH'))),
  rssi: fc.option(fc.integer({ min: -128, max: 20 })),
  manufacturerData: fc.array(fc.tuple(fc.constantFrom(...companies), bytes), { maxLength: 2 }).map((entries) => new Map(entries)),
  serviceData: fc.array(fc.tuple(fc.constantFrom(...services), bytes), { maxLength: 2 }).map((entries) => new Map(entries)),
  serviceUuids: fc.array(fc.constantFrom(...listed), { maxLength: 2 }),
});
const context = fc.record({ key: fc.uint8Array({ maxLength: 20 }), lastCounter: fc.nat(2 ** 31 - 1) }, { requiredKeys: [] });

t.test('whatever a known family’s header carries, the outcome is typed, finite and of known quantities', async (_t) => {
  fc.assert(
    fc.property(advertisement, context, (heard, known) => {
      const outcome = decodeAdvertisement(heard, known);
      if (outcome?.kind === 'values')
        for (const { quantity, value } of outcome.values) if (!isQuantityId(quantity) || !Number.isFinite(value)) return false;
      return outcome === undefined || outcome.model.length > 0;
    }),
    { numRuns: 2000 },
  );
});

t.test('a decoder reads and never writes: the same broadcast says the same twice', async (_t) => {
  fc.assert(
    fc.property(advertisement, context, (heard, known) => {
      const before = JSON.stringify([...heard.manufacturerData, ...heard.serviceData].map(([key, data]) => [key, [...data]]));
      const first = JSON.stringify(decodeAdvertisement(heard, known));
      const after = JSON.stringify([...heard.manufacturerData, ...heard.serviceData].map(([key, data]) => [key, [...data]]));
      return first === JSON.stringify(decodeAdvertisement(heard, known)) && before === after;
    }),
    { numRuns: 500 },
  );
});

t.test('what is passed over unparsed would have said nothing', async (_t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 31 }), address, (data, from) => {
      const outcome = decodeAdvertisement({ address: from, rssi: null, ...parseAdvertisingData(data) }, {});
      return outcome === undefined || concernsUs(data);
    }),
    { numRuns: 2000 },
  );
});

t.test('random bytes, bytes under a family’s header, and real broadcasts with bytes changed: no crash, nothing invented', async (t) => {
  const { falseMeasurements, toldUnderHeader } = fuzzBroadcasts(20_261_124, 100_000, 12);
  t.same([...falseMeasurements], []);
  t.ok(toldUnderHeader.size > 30, `${toldUnderHeader.size} families were tried under their own header`);
  for (const [family, { told, of }] of toldUnderHeader)
    t.ok(told / of < 0.05, `${family}: ${told} of ${of} random bodies under its header were read as values`);
});
