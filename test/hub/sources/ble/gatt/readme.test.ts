import { readFileSync } from 'node:fs';
import t from 'tap';
import { u8, u16le } from '../../../../../hub/sources/ble/gatt/bytes.ts';
import { sessions } from '../../../../../hub/sources/ble/gatt/choose.ts';
import { scales } from '../../../../../hub/sources/ble/gatt/scales/choose.ts';
import { nothing, type ScaleFamily, weighing } from '../../../../../hub/sources/ble/gatt/scales/family.ts';
import { heardBy } from './scales/hearing.ts';

const text = readFileSync(new URL('../../../../../hub/sources/ble/gatt/README.md', import.meta.url), 'utf8');

const [scalesText = '', instrumentsText = ''] = text.split('## Instruments');

t.test('the table of instruments names each of them once, and how it was verified', async (t) => {
  const rows = [...instrumentsText.matchAll(/^\| `([^`]+)` *\|.*\| ([^|]+) \|$/gm)];
  const named = rows.map(([, id = '']) => id);
  t.same(
    named,
    sessions.slice(scales.length).map(({ family }) => family.id),
  );
  for (const [, id, by = ''] of rows) t.match(by, /recorded|documentation/, id!);
});

t.test('the table of families names each family once, in the order they are asked', async (t) => {
  const rows = [...scalesText.matchAll(/^\| `([^`]+)` *\| ([^|]+) \| ([^|]+) \|$/gm)].map(([, id = '', model = '', by = '']) => ({
    id,
    model: model.trim(),
    by: by.trim(),
  }));
  t.same(
    rows.map(({ id, model }) => [id, model]),
    scales.map(({ family }) => [family.id, family.model]),
  );
  for (const { id, by } of rows) t.match(by, /recorded cases|captured frame|documentation|with `/, `how ${id} was verified`);
});

t.test('the scale that the text adds is a scale', async (t) => {
  const example = /```ts\n([\s\S]+?)```/.exec(text)?.[1] ?? '';
  t.ok(example.trim().split('\n').length < 10, 'fewer than ten lines');
  const acme: ScaleFamily<null> = {
    id: 'acme',
    model: 'Acme One',
    subscribe: ['fff4'],
    whole: ['weight'],
    holdMs: 5000,
    memory: nothing,
    heard: (memory, _, bytes) => ({ memory, ...weighing({ weight: u16le(bytes, 1) / 100 }, u8(bytes, 0) === 1 ? 'settled' : 'live') }),
  };
  t.ok(example.includes("weighing({ weight: u16le(bytes, 1) / 100 }, u8(bytes, 0) === 1 ? 'settled' : 'live')"));
  t.match(heardBy(acme, 'fff4', Uint8Array.of(1, 0x40, 0x1f)), { settled: true, values: [{ quantity: 'weight', value: 80 }] });
  t.equal(heardBy(acme, 'fff4', Uint8Array.of(1, 0x40)), undefined, 'a frame that is cut');
});
