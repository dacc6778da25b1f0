/**
 * `hearth prove`: looks at the living hub, promise by promise, and says kept or not kept, each with what it saw. A check is a row of one
 * of the tables in `prove/`; a promise without one is not kept, since nobody has looked.
 */
import { type Promised, type PromiseId, promises } from './promises.ts';
import type { Check, Checks, Finding, ProveContext } from './prove/check.ts';
import { keepingChecks } from './prove/keeping.ts';
import { linkingChecks } from './prove/linking.ts';
import { peopleChecks } from './prove/people.ts';
import { productChecks } from './prove/products.ts';
import { rightsChecks } from './prove/rights.ts';
import { toldChecks } from './prove/told.ts';

export interface Proof {
  readonly id: PromiseId;
  readonly words: string;
  readonly state: 'kept' | 'not kept' | 'cannot be kept by a hub';
  readonly evidence: string;
}

const tables: readonly Checks[] = [peopleChecks, rightsChecks, keepingChecks, productChecks, toldChecks, linkingChecks];

/** Runs every check. One that throws did not find its promise kept. */
export async function prove(context: ProveContext): Promise<Proof[]> {
  const checks: Checks = Object.assign({}, ...tables);
  const proofs: Proof[] = [];
  for (const [id, promised] of Object.entries(promises) as [PromiseId, Promised][]) {
    const { words, beyond } = promised;
    if (beyond !== undefined) {
      proofs.push({ id, words, state: 'cannot be kept by a hub', evidence: beyond });
      continue;
    }
    const { isKept, evidence } = await look(checks[id], context);
    proofs.push({ id, words, state: isKept ? 'kept' : 'not kept', evidence });
  }
  return proofs;
}

async function look(check: Check | undefined, context: ProveContext): Promise<Finding> {
  if (check === undefined) return { isKept: false, evidence: 'no check looks at this yet' };
  try {
    return await check(context);
  } catch (error) {
    return { isKept: false, evidence: `the check failed: ${error instanceof Error ? error.message : error}` };
  }
}
