/**
 * Receipts: what a person agreed to, signed by the hub's own key (Ed25519, JWS compact, RFC 7515 and 8037), so that neither side can
 * change it afterwards and anybody with the hub's public key can check it.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { CompactSign, compactVerify, errors, exportJWK, type JWK } from 'jose';
import { writeFileAtomic } from '../ops/files.ts';

export interface Receipt {
  readonly id: string;
  /** What was agreed: `guardian-consent`, later others. */
  readonly kind: string;
  readonly atUtcMs: number;
  /** Whose data. */
  readonly subject: string;
  /** Who agreed. */
  readonly by: string;
  /** The words that were agreed to, in full. */
  readonly text: string;
}

export class ReceiptError extends Error {
  override readonly name = 'ReceiptError';
}

export interface HubKey {
  /** base64url. */
  sign(text: string): string;
  isSigned(text: string, signature: string): boolean;
  issue(receipt: Omit<Receipt, 'id'>): Promise<string>;
  /** Throws ReceiptError when this hub did not sign it. */
  check(receipt: string): Promise<Receipt>;
  publicJwk(): Promise<JWK>;
}

const TYPE = 'hearth-receipt';
/** A receipt is a page of text at most. */
const MOST_RECEIPT_CHARACTERS = 16_384;

/** The hub's signing key in `folder`, made when there is none. */
export function openHubKey(folder: string): HubKey {
  const privateKey = load(folder);
  const publicKey = createPublicKey(privateKey);
  return {
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
    isSigned: (text, signature) => verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64url')),
    issue: (receipt) =>
      new CompactSign(Buffer.from(JSON.stringify({ ...receipt, id: randomUUID() })))
        .setProtectedHeader({ alg: 'EdDSA', typ: TYPE })
        .sign(privateKey),
    async check(receipt) {
      if (receipt.length > MOST_RECEIPT_CHARACTERS) throw new ReceiptError('this is too long for a receipt');
      try {
        const { payload, protectedHeader } = await compactVerify(receipt, publicKey, { algorithms: ['EdDSA'] });
        if (protectedHeader.typ !== TYPE) throw new ReceiptError('this is signed by this hub, but no receipt');
        return JSON.parse(Buffer.from(payload).toString()) as Receipt;
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof TypeError) throw new ReceiptError('this hub did not sign this receipt');
        throw error;
      }
    },
    publicJwk: () => exportJWK(publicKey),
  };
}

function load(folder: string): KeyObject {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = `${folder}/hub-signing.key`;
  if (existsSync(file)) return createPrivateKey(readFileSync(file, 'utf8'));
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileAtomic(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return privateKey;
}
