/** Asking another hub, live: an answer is signed by the key that was shown at joining, is to the very question, and is kept nowhere. */
import { createPublicKey, type JsonWebKey, randomBytes, verify } from 'node:crypto';
import type { HubKey, Receipt } from '../../people/receipts.ts';

/** A small machine under load answers within this; the page waits a little longer. */
const ANSWER_WITHIN_MS = 9000;
/** Terms are a page; nothing else is as long. */
const MOST_ANSWER_BYTES = 64 * 1024;

/** `gone`: it says that there is no such thing (any more); `away`: no answer that can be believed. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  readonly kind: 'gone' | 'away';

  constructor(kind: PeerError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export type AskPeer = (origin: string, path: string, body: object) => Promise<unknown>;

/** POSTs to `/api/v1/challenge-peers/<path>` of another hub. Rejects with PeerError. Follows no redirect: the address is the one agreed on. */
export const askPeer: AskPeer = async (origin, path, body) => {
  const away = (why: string): PeerError => new PeerError('away', `the other hub at ${origin} ${why}`);
  const response = await fetch(`${origin}/api/v1/challenge-peers/${path}`, {
    method: 'POST',
    redirect: 'error',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  }).catch(() => {
    throw away('does not answer');
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) throw away('says more than there is to say');
    chunks.push(chunk);
  }
  if (response.status === 404 || response.status === 410) throw new PeerError('gone', `the other hub at ${origin} says that it is over`);
  if (!response.ok) throw away(`refused (${response.status})`);
  try {
    return JSON.parse(Buffer.concat(chunks, bytes).toString());
  } catch {
    throw away('does not speak as a hub does');
  }
};

export const newNonce = (): string => randomBytes(16).toString('base64url');

export interface Signed {
  readonly answer: string;
  readonly signature: string;
}

export function signed(key: HubKey, answer: object): Signed {
  const text = JSON.stringify(answer);
  return { answer: text, signature: key.sign(`challenge ${text}`) };
}

/** The answer, if that key signed it and it answers that question; else throws PeerError. */
export function opened<T extends { readonly nonce: string }>(from: unknown, jwk: string, nonce: string): T {
  const { answer, signature } = (typeof from === 'object' && from !== null ? from : {}) as Partial<Signed>;
  if (typeof answer === 'string' && typeof signature === 'string' && isSignedBy(jwk, `challenge ${answer}`, signature)) {
    const said = JSON.parse(answer) as T;
    if (said.nonce === nonce) return said;
  }
  throw new PeerError('away', 'the answer is not signed by the hub that joined, or not to this question');
}

function isSignedBy(jwk: string, text: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: JSON.parse(jwk) as JsonWebKey, format: 'jwk' });
    return key.asymmetricKeyType === 'ed25519' && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

/** Whether a receipt of another hub (JWS, Ed25519) is signed by its key and is for these very terms. */
export function agrees(receipt: string, jwk: string, terms: string): boolean {
  const [head = '', payload = '', signature = '', ...more] = receipt.split('.');
  if (more.length > 0 || !isSignedBy(jwk, `${head}.${payload}`, signature)) return false;
  try {
    const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg?: string };
    const { kind, text } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Partial<Receipt>;
    return alg === 'EdDSA' && kind === 'challenge' && text === terms;
  } catch {
    return false;
  }
}
