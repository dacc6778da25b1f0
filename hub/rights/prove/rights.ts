/** What is seen of the promises about a person's rights over their data, on the living hub. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { purposes } from '../../people/objections.ts';
import { openStore } from '../../store/store.ts';
import { BY_HAND } from '../amend.ts';
import { entryOfLine, lineOf } from '../archive/log-line.ts';
import { partsOf, scopeOf } from '../archive/parts.ts';
import { readBack, seal } from '../archive/seal.ts';
import { erasePlaces } from '../erase.ts';
import type { Checks, Finding, ProveContext } from './check.ts';

/** Enough to meet every kind of entry of a busy week, few enough to wait for. */
const MOST_TRIED = 5000;

const routeOf = ({ routes }: ProveContext, route: string) => routes.find((one) => one.route === route);

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
  C3(context) {
    const routes = ['put /api/v1/measurements/{seq}', 'post /api/v1/measurements/removal'].map((route) => routeOf(context, route));
    let [changed, withHistory, removed] = [0, 0, 0];
    for (const subject of context.house.store.subjects()) {
      const vault = context.house.store.vault(subject);
      for (const entry of vault.entries(0, MOST_TRIED)) {
        if (entry.kind === 'removed') removed++;
        if (entry.kind !== 'amended') continue;
        changed++;
        if (vault.history(entry.of).length >= 2 || vault.at(entry.of) === undefined) withHistory++;
      }
    }
    return {
      isKept: routes.every((route) => route?.access === 'own') && changed === withHistory,
      evidence: `for the person and their guardian; ${changed} values changed so far, ${withHistory} of them with their history, ${removed} taken out`,
    };
  },
  C4(context) {
    const route = routeOf(context, 'post /api/v1/measurements');
    const entered = context.house.store
      .subjects()
      .reduce((sum, subject) => sum + [...context.house.store.vault(subject).range({ device: BY_HAND, limit: MOST_TRIED })].length, 0);
    return {
      isKept: route?.access === 'own',
      evidence: `a page and a route for it; ${entered} values entered by hand so far, each says so`,
    };
  },
  C5({ house }) {
    const { accounts, objections } = house.people;
    let [objected, made] = [0, 0];
    for (const { id } of accounts.list())
      for (const purpose of Object.keys(purposes) as (keyof typeof purposes)[]) {
        const sinceMs = objections.since(id, purpose);
        if (sinceMs === undefined) continue;
        objected++;
        if (!house.store.subjects().includes(id)) continue;
        // What a person enters or brings here themselves is no processing of the hub's.
        for (const quantity of purposes[purpose].quantities)
          made += [...house.store.vault(id).range({ quantity, fromMs: sinceMs })].filter(
            ({ device }) => /^[^:]*(~|$)/.test(device) && device !== BY_HAND,
          ).length;
      }
    return {
      isKept: made === 0,
      evidence: `${Object.keys(purposes).length} purposes, each with what stops; ${objected} objections, values made after one: ${made}`,
    };
  },
  C8(context) {
    const { accounts, shares } = context.house.people;
    const all = accounts.list().flatMap(({ id }) => shares.given(id));
    const open = all.filter((share) => shares.isOpen(share, context.house.now())).length;
    const isThere = routeOf(context, 'get /api/v1/shares')?.access === 'household';
    return {
      isKept: isThere,
      evidence: `${all.length} shares given so far, ${open} open, each with who, what, which days, since when, last read and rows; read under a grant alone`,
    };
  },
  C9(context) {
    const { accounts, shares } = context.house.people;
    const all = accounts.list().flatMap(({ id }) => shares.given(id));
    const late = all.filter(({ stoppedMs, lastReadMs }) => stoppedMs !== null && (lastReadMs ?? 0) > stoppedMs);
    return {
      isKept: late.length === 0 && routeOf(context, 'delete /api/v1/shares/{id}') !== undefined,
      evidence: `${all.filter(({ stoppedMs }) => stoppedMs !== null).length} stopped so far, read after it: ${late.length}; the grant is asked with each read and each event of a stream`,
    };
  },
  E1({ house }) {
    const { accounts, shares } = house.people;
    const identity = accounts
      .list()
      .flatMap(({ id }) => shares.given(id))
      .filter(({ categories }) => categories.includes('identity'));
    return {
      isKept: identity.length === 0,
      evidence: `nothing is shared until it is given; of the ${accounts.list().length} people’s shares, with who they are in it: ${identity.length}`,
    };
  },
  async E7(context) {
    const { status } = await context.ask('GET', '/api/v1/shared/none');
    const isThere = ['post /api/v1/shares', 'get /api/v1/shared/{id}', 'get /api/v1/shared/{id}/live', 'post /api/v1/look'].every(
      (route) => routeOf(context, route) !== undefined,
    );
    return {
      isKept: isThere && status === 401,
      evidence: `to accounts here and by expiring links with a passcode; a share asked for by nobody: ${status}`,
    };
  },
  C10(context) {
    const places = erasePlaces({ store: context.house.store, people: context.house.people, tellTargets: () => undefined });
    const nobody = 'person-never-here';
    const left = places.filter(({ remains }) => (remains(nobody) ?? 0) > 0);
    const isOpen = openErasures(context.house.data);
    return {
      isKept: left.length === 0 && isOpen === 0,
      evidence: `${places.length} places are erased and looked at afterwards: ${places.map(({ id }) => id).join(', ')}; deletions not done yet: ${isOpen}`,
    };
  },
  C11: (context) => selfService(context, 'post /api/v1/forget'),
  C12: (context) => selfService(context, 'post /api/v1/forget'),
  async C13(context) {
    const routes = ['post /api/v1/forget/copy', 'post /api/v1/forget/check/{id}'].map((route) => routeOf(context, route));
    const plain = Buffer.from('a copy');
    const sealed = await seal(Readable.from([plain]), 'only for this check');
    const bytes = Buffer.concat(await sealed.toArray());
    const hash = await readBack(Readable.from([bytes]), 'only for this check');
    const opensOtherwise = await readBack(Readable.from([bytes]), 'another passphrase').then(
      () => true,
      () => false,
    );
    const isRight = hash === createHash('sha256').update(plain).digest('hex');
    return {
      isKept: routes.every((route) => route !== undefined) && isRight && !opensOtherwise,
      evidence: `a sealed copy was read back: ${isRight}; with another passphrase: ${opensOtherwise}; a deletion asks for a copy that was read back, or a clear no`,
    };
  },
  C14({ house }) {
    const backups = house.store.subjects().flatMap((subject) => house.store.backups(subject));
    const plain = backups.filter(({ file }) => readFileSync(file).subarray(0, 15).toString() === 'SQLite format 3');
    return {
      isKept: plain.length === 0,
      evidence: `${backups.length} backups on this hub, readable without the person’s key: ${plain.length}; they are removed with the key, and the report says when`,
    };
  },
};

function selfService(context: ProveContext, name: string): Finding {
  const route = routeOf(context, name);
  return {
    isKept: route?.access === 'household' && route.again === 'always',
    evidence: `${name}: for ${route?.access ?? 'nobody'}, asks again: ${route?.again ?? 'never'}; nobody else is needed`,
  };
}

const openErasures = (data: string): number => {
  const file = `${data}/erasures/begun.json`;
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as unknown[]).length : 0;
};
