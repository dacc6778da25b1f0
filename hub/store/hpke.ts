/**
 * HPKE in base mode, one message at a time (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-GCM. Who has the public key can seal;
 * only the private key opens.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
} from 'node:crypto';

/** RFC 9180, table 5. */
const aeads = { 'aes-128-gcm': { id: 1, keyBytes: 16 }, 'aes-256-gcm': { id: 2, keyBytes: 32 } } as const;
export type Aead = keyof typeof aeads;
const KEM = 0x0020;
const KDF = 0x0001;
const MODE_BASE = 0;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** RFC 8410: what precedes the 32 bytes of an X25519 key in DER. */
const PRIVATE_DER = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_DER = Buffer.from('302a300506032b656e032100', 'hex');

export interface KeyPair {
  readonly publicKey: Buffer;
  readonly privateKey: Buffer;
}

/** 32 bytes each (RFC 7748). */
export function newKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(-KEY_BYTES),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-KEY_BYTES),
  };
}

export interface Sealing {
  readonly publicKey: Buffer;
  /** What both sides know: binds the message to its use. */
  readonly info: Buffer;
  readonly aad?: Buffer;
  readonly aead?: Aead;
}

/** The sealed message: 32 bytes of the ephemeral public key, the ciphertext, 16 bytes of tag. */
export function sealTo({ publicKey, info, aad = Buffer.alloc(0), aead = 'aes-256-gcm' }: Sealing, message: Buffer): Buffer {
  const ephemeral = newKeyPair();
  const shared = sharedSecret(agree(ephemeral.privateKey, publicKey), ephemeral.publicKey, publicKey);
  const { key, nonce } = schedule(shared, info, aead);
  const cipher = createCipheriv(aead, key, nonce).setAAD(aad);
  return Buffer.concat([ephemeral.publicKey, cipher.update(message), cipher.final(), cipher.getAuthTag()]);
}

export interface Opening extends Omit<Sealing, 'publicKey'> {
  readonly keys: KeyPair;
}

/** The message; undefined when it was not sealed to this key, or was changed. */
export function openSealed({ keys, info, aad = Buffer.alloc(0), aead = 'aes-256-gcm' }: Opening, sealed: Buffer): Buffer | undefined {
  if (sealed.length < KEY_BYTES + TAG_BYTES) return undefined;
  try {
    const ephemeral = sealed.subarray(0, KEY_BYTES);
    const shared = sharedSecret(agree(keys.privateKey, ephemeral), ephemeral, keys.publicKey);
    const { key, nonce } = schedule(shared, info, aead);
    const decipher = createDecipheriv(aead, key, nonce).setAAD(aad);
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(KEY_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

const agree = (privateKey: Buffer, publicKey: Buffer): Buffer =>
  diffieHellman({
    privateKey: createPrivateKey({ key: Buffer.concat([PRIVATE_DER, privateKey]), type: 'pkcs8', format: 'der' }),
    publicKey: createPublicKey({ key: Buffer.concat([PUBLIC_DER, publicKey]), type: 'spki', format: 'der' }),
  });

const two = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const VERSION = Buffer.from('HPKE-v1');
const kemSuite = Buffer.concat([Buffer.from('KEM'), two(KEM)]);

/** RFC 9180, section 4: HKDF with the suite and a label bound in. */
const extract = (suite: Buffer, salt: Buffer, label: string, material: Buffer): Buffer =>
  createHmac('sha256', salt)
    .update(Buffer.concat([VERSION, suite, Buffer.from(label), material]))
    .digest();

/** No more than one block of HMAC-SHA256, 32 bytes: enough for every use here. */
const expand = (suite: Buffer, secret: Buffer, label: string, info: Buffer, bytes: number): Buffer =>
  createHmac('sha256', secret)
    .update(Buffer.concat([two(bytes), VERSION, suite, Buffer.from(label), info, Buffer.from([1])]))
    .digest()
    .subarray(0, bytes);

function sharedSecret(agreed: Buffer, ephemeral: Buffer, recipient: Buffer): Buffer {
  const secret = extract(kemSuite, Buffer.alloc(0), 'eae_prk', agreed);
  return expand(kemSuite, secret, 'shared_secret', Buffer.concat([ephemeral, recipient]), KEY_BYTES);
}

function schedule(shared: Buffer, info: Buffer, aead: Aead): { key: Buffer; nonce: Buffer } {
  const { id, keyBytes } = aeads[aead];
  const suite = Buffer.concat([Buffer.from('HPKE'), two(KEM), two(KDF), two(id)]);
  const empty = Buffer.alloc(0);
  const context = Buffer.concat([
    Buffer.from([MODE_BASE]),
    extract(suite, empty, 'psk_id_hash', empty),
    extract(suite, empty, 'info_hash', info),
  ]);
  const secret = extract(suite, shared, 'secret', empty);
  return { key: expand(suite, secret, 'key', context, keyBytes), nonce: expand(suite, secret, 'base_nonce', context, NONCE_BYTES) };
}
