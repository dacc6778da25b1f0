/**
 * Every recorded case of other projects passes, or is set aside with its reason: the table is printed.
 * What the peers' words mean here: peer-words.ts; what a peer is known to mean otherwise: cases.ts.
 */
import { readdirSync } from 'node:fs';
import t from 'tap';
import { skipWithoutVectors, vectorPath } from '../../../../vectors.ts';
import { bleparserCases, type CaseResult, homeAssistantCases, theengsCases } from './cases.ts';

t.test('recorded broadcasts decode to what other projects’ owners saw', { skip: skipWithoutVectors }, async (t) => {
  const sources: [name: string, results: CaseResult[]][] = [
    ...readdirSync(vectorPath('1-ble-adv/bleparser'))
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file): [string, CaseResult[]] => [`bleparser ${file}`, bleparserCases(file)]),
    ...['bthome-v1.bthome-ble.json', 'bthome-v2.bthome-ble.json', 'xiaomi.xiaomi-ble.json'].map((file): [string, CaseResult[]] => [
      file,
      homeAssistantCases(file),
    ]),
    ['theengs.decoder.json', theengsCases('theengs.decoder.json')],
  ];
  for (const [name, results] of sources) {
    const count = (status: CaseResult['status']): number => results.filter((one) => one.status === status).length;
    t.comment(`${name}: ${count('passes')} pass, ${count('aside')} set aside, of ${results.length}`);
    for (const { id, status, why } of results) {
      if (status === 'aside') t.comment(`  aside: ${id}: ${why}`);
      if (status === 'fails') t.fail(`${name}: ${id}`, { why });
    }
    t.equal(count('fails'), 0, `${name}: ${results.length} cases`);
  }
});
