import { readFileSync } from 'node:fs';
import { SaxesParser } from 'saxes';
import t from 'tap';
import { cardSvg } from '../../hub/web/page/card-svg.ts';
import fc from '../property.ts';

/** Every element and attribute of a picture, or the error of a reader of XML. */
function read(svg: string): { elements: string[]; attributes: string[]; texts: string } {
  const [elements, attributes]: [string[], string[]] = [[], []];
  let texts = '';
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes: own }) => {
    elements.push(name);
    attributes.push(...Object.keys(own));
  });
  parser.on('text', (more) => {
    texts += more;
  });
  parser.write(svg).close();
  return { elements, attributes, texts };
}

t.test('E6: a card has the chosen values and words and nothing else', async (t) => {
  const { texts } = read(cardSvg({ title: 'A good week', note: 'with Ben', values: [{ label: 'Steps', value: '12,345', unit: 'steps' }] }));
  t.same(
    texts
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
    ['A good week', 'A good week', 'Steps', '12,345 steps', 'with Ben'],
  );
});

t.test('E6: whatever the words are, it is a picture that loads nothing, runs nothing and leads nowhere', async (t) => {
  const evil = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('<script>alert(1)</script>', '"/><image href="https://x"/>', ']]>&#x0;'),
  );
  fc.assert(
    fc.property(evil, evil, fc.array(fc.record({ label: evil, value: evil, unit: evil }), { maxLength: 6 }), (title, note, values) => {
      const { elements, attributes } = read(cardSvg({ title, note, values }));
      const known = new Set(['svg', 'title', 'rect', 'text', 'tspan']);
      return elements.every((one) => known.has(one)) && attributes.every((one) => !/href|^on|style|src/.test(one));
    }),
    { numRuns: 200 },
  );
  t.pass('of 200 texts');
});

t.test('E6: the page warns before it makes one, and neither it nor its view asks any other place', async (t) => {
  const view = readFileSync(new URL('../../hub/web/page/views/card-view.ts', import.meta.url), 'utf8');
  t.match(view, /under the rules of where you post it/);
  const urls = [view, readFileSync(new URL('../../hub/web/page/card-svg.ts', import.meta.url), 'utf8')]
    .flatMap((text) => text.match(/https?:\/\/[^"'\s]+/g) ?? [])
    .filter((url) => url !== 'http://www.w3.org/2000/svg');
  t.same(urls, []);
});
