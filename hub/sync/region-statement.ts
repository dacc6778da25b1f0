/** What an edge signs, as a hub checks it: with the key that was pinned when the hub enrolled, and nothing else. */
import { type CompactVerifyResult, compactVerify, importJWK, type JWK } from 'jose';
import { RECEIPT_TYPE, type ReceiptClaims, STATEMENT_TYPE } from '../edge/identity.ts';
import { TargetError } from './target.ts';

const ALGORITHM = 'ES256';

async function verified(jws: string, key: JWK, type: string, what: string): Promise<Record<string, unknown>> {
  let result: CompactVerifyResult;
  try {
    result = await compactVerify(jws, await importJWK(key, ALGORITHM), { algorithms: [ALGORITHM] });
  } catch {
    throw new TargetError(
      'refused',
      `${what} is not signed with the key of the edge that this hub enrolled with: ask the edge's operator, then enrol again`,
    );
  }
  if (result.protectedHeader.typ !== type) throw new TargetError('refused', `${what} is of another kind (${result.protectedHeader.typ})`);
  return JSON.parse(new TextDecoder().decode(result.payload)) as Record<string, unknown>;
}

/** Rejects with a refusal unless the statement is of that region, by that key. */
export async function checkStatement(statement: string, key: JWK, region: string, fingerprint: string | undefined): Promise<void> {
  const said = await verified(statement, key, STATEMENT_TYPE, "the edge's statement of its region");
  if (said.region !== region)
    throw new TargetError('refused', `the edge says that it is in '${said.region}', not in '${region}': nothing is sent there`);
  if (fingerprint !== undefined && said.authority !== fingerprint)
    throw new TargetError(
      'refused',
      "the edge's statement names another certificate authority than its code did: ask its operator for a new code",
    );
}

/** Rejects with a refusal unless the receipt is by that key and for exactly what was sent. */
export async function checkReceipt(receipt: string, key: JWK, expected: Omit<ReceiptClaims, 'added'>): Promise<void> {
  const said = await verified(receipt, key, RECEIPT_TYPE, "the edge's receipt");
  for (const [name, value] of Object.entries(expected))
    if (said[name] !== value)
      throw new TargetError(
        'refused',
        `the edge's receipt is for another batch: ${name} is ${JSON.stringify(said[name])}, not ${JSON.stringify(value)}`,
      );
}
