import { Ajv } from 'ajv';
import t from 'tap';
import { dataPoints } from '../../../hub/rights/archive/open-mhealth.ts';
import { openStore } from '../../../hub/store/store.ts';
import { readVectorJson, skipWithoutVectors } from '../../vectors.ts';
import { fill, reading, START } from './filled.ts';

type Json = Record<string, unknown>;

/** A validator of the schemas as they were published; `-1.x` stands for the newest of the first version. */
function validators(): (name: string, document: unknown) => string {
  const { schemas } = readVectorJson<{ schemas: Record<string, Json> }>('7-export/open-mhealth/schemas.json');
  const ajv = new Ajv({ strict: false, logger: false, validateFormats: false, inlineRefs: false });
  // Those of IEEE 1752 lie elsewhere: the newest that need none of them are taken.
  const own = Object.entries(schemas).filter(
    ([path, schema]) => path.startsWith('omh/') && schema._unparsable === undefined && !JSON.stringify(schema).includes('"$ref":"https:'),
  );
  const newest = (name: string): string => {
    const stem = name.replace(/x\.json$/, '');
    const all = own.map(([path]) => path.slice(4)).filter((path) => path.startsWith(stem) && /^\d+\.json$/.test(path.slice(stem.length)));
    return all.sort((a, b) => Number.parseInt(a.slice(stem.length), 10) - Number.parseInt(b.slice(stem.length), 10)).at(-1) ?? name;
  };
  const resolved = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolved);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
        if (key === '$schema' || key === '$id' || key === 'id') return typeof inner === 'object' ? [[key, resolved(inner)]] : [];
        if (key === '$ref' && typeof inner === 'string' && !inner.startsWith('#'))
          return [[key, inner.endsWith('.x.json') ? newest(inner) : inner]];
        return [[key, resolved(inner)]];
      }),
    );
  };
  for (const [path, schema] of own) ajv.addSchema({ ...(resolved(schema) as Json), $id: path.slice(4) });
  return (name, document) => {
    const validate = ajv.getSchema(name);
    if (validate === undefined) return `there is no schema ${name}`;
    return validate(document) === true ? '' : ajv.errorsText(validate.errors);
  };
}

t.test('every data point is valid by its published schema, and its header too', { skip: skipWithoutVectors }, async (t) => {
  const store = openStore(t.testdir({}));
  t.teardown(() => store[Symbol.dispose]());
  await fill(store, 'person-1');
  const vault = store.vault('person-1');
  const more = [
    'height',
    'fat_ratio',
    'rr_interval',
    'respiration_rate',
    'spo2',
    'body_temperature',
    'active_energy',
    'sleep_duration',
  ] as const;
  const values = {
    height: 1.76,
    fat_ratio: 22,
    rr_interval: 800,
    respiration_rate: 14,
    spo2: 97,
    body_temperature: 36.8,
    active_energy: 12,
    sleep_duration: 25_000,
  };
  await vault.commit(more.map((quantity, index) => reading(quantity, 500 + index, values[quantity], START)));
  const check = validators();
  const seen = new Set<string>();
  for (const line of dataPoints(vault, vault.head())) {
    const point = JSON.parse(line) as { header: { schema_id: { name: string; version: string } }; body: Json };
    const { name, version } = point.header.schema_id;
    const faults = [check('data-point-1.0.json', point), check(`${name}-${version}.json`, point.body)].filter((text) => text !== '');
    if (!seen.has(name) || faults.length > 0) t.same(faults, [], name);
    seen.add(name);
  }
  t.equal(seen.size, 13, [...seen].join(', '));
  t.not(check('body-weight-2.0.json', { body_weight: { value: 'x', unit: 'stone' } }), '', 'the check itself refuses what is wrong');
});
