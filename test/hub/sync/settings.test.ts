import { mkdirSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { readConfig } from '../../../hub/ops/config.ts';

function configOf(t: Test, text: string) {
  const data = t.testdir({});
  mkdirSync(data, { recursive: true });
  writeFileSync(`${data}/hearth.yaml`, text);
  return readConfig(['--data', data], {}, '1.0.0', '/');
}
const list = (...lines: string[]): string => ['sync:', '  - name: one', ...lines.map((line) => `    ${line}`)].join('\n');
const chosen = ['people: [person-1]', 'categories: [body]'];

t.test('without a word of it nothing is sent', async (t) => {
  t.same(configOf(t, 'port: 8080\n').sync, []);
});

t.test('a target names whose data and which categories', async (t) => {
  t.match(configOf(t, `continent: europe\n${list('target: mqtt', 'url: mqtt://localhost', ...chosen)}`), {
    continent: 'europe',
    sync: [{ name: 'one', target: 'mqtt', people: ['person-1'], categories: ['body'] }],
  });
});

t.test('a mistake is answered with its line and what would be right', async (t) => {
  const wrong: readonly [string, RegExp][] = [
    [list('target: mqtt', 'url: mqtt://localhost', 'people: [person-1]'), /hearth\.yaml:\d+: .*categories/],
    [list('target: mqtt', 'url: mqtt://localhost', 'people: []', 'categories: [body]'), /hearth\.yaml:5: 'sync\.0\.people'/],
    [
      list('target: mqqt', 'url: mqtt://localhost', ...chosen),
      /hearth\.yaml:3: .*'edge' or 'mqtt' or 'influx' or 'webhook' or 'file' \(found "mqqt"\)/,
    ],
    [list('target: mqtt', 'url: mqtt://localhost', 'people: [person-1]', 'categories: [weight]'), /hearth\.yaml:6: .*'identity' or 'body'/],
    [
      list('target: influx', 'url: http://localhost:8086', 'org: home', 'bucket: health', ...chosen),
      /hearth\.yaml:3: the influx target 'one' needs 'tokenFile'/,
    ],
    [
      list('target: file', 'folder: /mnt/usb', 'bucket: health', ...chosen),
      /hearth\.yaml:5: a file target has no 'bucket'; it takes folder, mostMb, keep/,
    ],
    [list('target: edge', 'url: http://edge.example', 'region: france', ...chosen), /hearth\.yaml:4: .*starts with https:\/\//],
    [list('target: file', 'foldr: /mnt/usb', ...chosen), /hearth\.yaml:4: unknown key 'foldr'; did you mean 'folder'\?/],
    [
      `${list('target: file', 'folder: /a', ...chosen)}\n  - name: one\n    target: file\n    folder: /b\n    people: [home]\n    categories: [environment]`,
      /hearth\.yaml:7: the name 'one' is taken/,
    ],
    ['continent: africa', /hearth\.yaml:1: 'continent' must be 'europe' or/],
  ];
  for (const [text, message] of wrong) t.throws(() => configOf(t, text), { message }, text);
});
