import t from 'tap';
import { categories, isPlausible, isQuantityId, quantities, quantityOfCode } from '../../../firmware/protocol/quantities.ts';

const all = Object.values(quantities);

t.test('every quantity has its own wire code, and is found by it', async (t) => {
  t.equal(new Set(all.map(({ code }) => code)).size, all.length);
  for (const quantity of all) t.equal(quantityOfCode(quantity.code), quantity);
  t.equal(quantityOfCode(65_535), undefined);
});

t.test('every quantity carries one of the five categories, a unit, and bounds that hold something', async (t) => {
  t.same(categories, ['identity', 'body', 'activity', 'environment', 'technical']);
  for (const { id, category, unit, min, max, label } of all) {
    t.ok(categories.includes(category), id);
    t.ok(unit.length > 0 && label.length > 0 && min < max, id);
  }
});

t.test('LOINC codes are well formed: their last digit is the check digit (Luhn, mod 10)', async (t) => {
  for (const { id, loinc } of all) {
    if (loinc === undefined) continue;
    const [digits, check] = loinc.split('-') as [string, string];
    const sum = [...digits].reverse().reduce((total, digit, index) => {
      const doubled = Number(digit) * (index % 2 === 0 ? 2 : 1);
      return total + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
    t.equal(Number(check), (10 - (sum % 10)) % 10, `${id} ${loinc}`);
  }
});

t.test('what is outside the bounds, or no number, is implausible', async (t) => {
  t.ok(isPlausible('weight', 72.35));
  for (const kg of [4000, -1, Number.NaN, Number.POSITIVE_INFINITY]) t.notOk(isPlausible('weight', kg), String(kg));
});

t.test('an id is one of the table, never a property of every object', async (t) => {
  t.ok(isQuantityId('weight'));
  t.notOk(isQuantityId('toString'));
});
