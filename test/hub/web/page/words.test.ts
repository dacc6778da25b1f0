import t from 'tap';
import { quantities } from '../../../../firmware/protocol/quantities.ts';
import { labelWord, toneOf, unitWord } from '../../../../hub/web/page/words.ts';

t.test('units and names of quantities are written as on paper, not as codes', async (t) => {
  const isCode = (text: string): boolean => /[[\]{}]|m[23]\b|\bu[A-Z]|\bum\b|\bug\b|\.h|Cel|CO2/.test(text);
  for (const { label, unit } of Object.values(quantities)) {
    t.notOk(isCode(unitWord(unit)), `${label}: ${unitWord(unit)}`);
    t.notOk(isCode(labelWord(label)), labelWord(label));
  }
});

t.test('what a device says is an alarm only while something is wrong with it', async (t) => {
  t.equal(toneOf({ connected: true, state: 'running' }), 'note', 'as that it warms up');
  t.equal(toneOf({ connected: true, state: 'fault' }), 'alarm');
  t.equal(toneOf({ connected: false, state: 'running' }), 'alarm');
});
