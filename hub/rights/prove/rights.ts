/** What is seen of the promises about a person's rights over their data, on the living hub. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../store/store.ts';
import { entryOfLine, lineOf } from '../archive/log-line.ts';
import { partsOf, scopeOf } from '../archive/parts.ts';
import type { Checks } from '../prove.ts';

/** Enough to meet every kind of entry of a busy week, few enough to wait for. */
const MOST_TRIED = 5000;

export const rightsChecks: Checks = {
  async C1({ house }) {
    const subject = house.people.accounts.owner()?.id ?? 'home';
    const sources = { data: house.data, store: house.store, people: house.people };
    const parts = partsOf(sources, scopeOf(sources, subject, true), join(tmpdir(), 'never-built'), () => undefined);
    const log = parts.find(({ path }) => path === 'me/log.jsonl');
    let lines = 0;
    for await (const _line of log?.open() ?? []) lines++;
    const forms = ['me/measurements.csv', 'me/measurements.sqlite', 'me/fhir.json', 'me/open-mhealth.jsonl'];
    const missing = forms.filter((form) => log !== undefined && !parts.some(({ path }) => path === form));
    const head = house.store.subjects().includes(subject) ? house.store.vault(subject).head() : 0;
    return {
      isKept: missing.length === 0 && lines <= head && (lines > 0 || head === 0),
      evidence: `${lines} entries up to position ${head} read for an archive of ${parts.length} files; missing forms: ${missing.join(', ') || 'none'}`,
    };
  },
  async C2({ house }) {
    const folder = mkdtempSync(join(tmpdir(), 'hearth-prove-'));
    const empty = openStore(folder);
    try {
      let [tried, unlike] = [0, 0];
      for (const subject of house.store.subjects()) {
        const vault = house.store.vault(subject);
        const lines = vault.entries(0, MOST_TRIED).map((entry) => lineOf(entry, vault.provenance(entry.seq), subject));
        await empty.vault(subject).takeBack(lines.map((line, index) => entryOfLine(line, index + 1, subject)));
        const back = empty.vault(subject);
        const again = back.entries(0, MOST_TRIED).map((entry) => lineOf(entry, back.provenance(entry.seq), subject));
        tried += lines.length;
        unlike += lines.filter((line, index) => line !== again[index]).length;
      }
      return {
        isKept: tried > 0 && unlike === 0,
        evidence: `${tried} entries taken out and brought into empty vaults; not alike: ${unlike}`,
      };
    } finally {
      empty[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
