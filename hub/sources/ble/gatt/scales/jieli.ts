/**
 * The challenge of JieLi chips, which some QN scales put before their weights: the scale sends 00 and 16 bytes on AE02 and
 * waits for 01 and E1(key, challenge, address) on AE01, with a key and an address that are the same in every unit.
 *
 * E1 is the authentication function of Bluetooth Classic: Bluetooth Core 5.4, Vol 2 Part H, section 6.1 (SAFER+ with the
 * offset keys and the modified second pass). The two constants are interoperability facts published with captures by
 * ble-scale-sync.
 */
import { bytesOf, u8 } from '../bytes.ts';

const LINK_KEY = bytesOf('06775f87918dd423005df1d8cf0c142b');
const ADDRESS = bytesOf('112233332211');
const BLOCK = 16;
const ROUNDS = 8;
/** A challenge or its answer: a byte that says which, and a block. */
export const CHALLENGE_LENGTH = 17;

/** e(i) = 45^i mod 257, with 256 written as 0; and its inverse. */
const exponents = new Uint8Array(256);
const logarithms = new Uint8Array(256);
for (let index = 0, power = 1; index < 256; index++, power = (power * 45) % 257) {
  exponents[index] = power % 256;
  logarithms[power % 256] = index;
}

/** Position of each byte after the Armenian shuffle. */
const SHUFFLE = [8, 11, 12, 15, 2, 1, 6, 5, 10, 9, 14, 13, 0, 7, 4, 3];
/** The primes below 257 that change the key of the second pass, added and exclusive-ored in turn. */
const OFFSETS = [233, 229, 223, 193, 179, 167, 149, 131];

/** Bytes 0, 3, 4, 7, 8, 11, 12 and 15 go one way, the others the other way. */
const isOuter = (index: number): boolean => index % 4 === 0 || index % 4 === 3;

const mix = (block: Uint8Array, key: Uint8Array, outerIsXor: boolean): Uint8Array =>
  block.map((byte, index) => (isOuter(index) === outerIsXor ? byte ^ key[index]! : byte + key[index]!));

/** Sixteen bytes of each of the 17 round keys (section 6.1.4). */
function roundKeys(key: Uint8Array): Uint8Array[] {
  const register = Uint8Array.of(
    ...key,
    key.reduce((xor, byte) => xor ^ byte, 0),
  );
  const keys = [Uint8Array.from(key)];
  for (let round = 2; round <= 2 * ROUNDS + 1; round++) {
    for (let index = 0; index < register.length; index++) register[index] = (register[index]! << 3) | (register[index]! >> 5);
    const bias = (index: number): number => exponents[exponents[(17 * round + index + 1) & 0xff]!]!;
    keys.push(Uint8Array.from({ length: BLOCK }, (_, index) => register[(round - 1 + index) % register.length]! + bias(index)));
  }
  return keys;
}

function transform(block: Uint8Array): Uint8Array {
  const hadamard = (from: Uint8Array): Uint8Array =>
    from.map((byte, index) => (index % 2 === 0 ? 2 * byte + from[index + 1]! : from[index - 1]! + byte));
  let next = hadamard(block);
  for (let turn = 0; turn < 3; turn++) {
    const before = next;
    next = hadamard(Uint8Array.from(SHUFFLE, (from) => before[from]!));
  }
  return next;
}

/** SAFER+; the second pass of E1 puts its input in again before the third round. */
function cipher(key: Uint8Array, input: Uint8Array, isSecondPass: boolean): Uint8Array {
  const keys = roundKeys(key);
  let block: Uint8Array = Uint8Array.from(input);
  for (let round = 1; round <= ROUNDS; round++) {
    if (isSecondPass && round === 3) block = mix(block, input, true);
    block = mix(block, keys[2 * round - 2]!, true);
    block = block.map((byte, index) => (isOuter(index) ? exponents[byte]! : logarithms[byte]!));
    block = transform(mix(block, keys[2 * round - 1]!, false));
  }
  return mix(block, keys[2 * ROUNDS]!, true);
}

/**
 * E1 of the Bluetooth specification: 16 bytes of SRES and ACO.
 *
 * @throws RangeError unless key and random are 16 bytes and the address 6.
 */
export function e1(key: Uint8Array, random: Uint8Array, address: Uint8Array): Uint8Array {
  if (key.length !== BLOCK || random.length !== BLOCK || address.length !== 6) {
    throw new RangeError(`E1 takes 16, 16 and 6 bytes, not ${key.length}, ${random.length} and ${address.length}`);
  }
  const first = cipher(key, random, false).map((byte, index) => (byte ^ random[index]!) + address[index % 6]!);
  const offset = key.map((byte, index) => {
    const prime = OFFSETS[index % 8]!;
    const isSum = index % 2 === (index < 8 ? 0 : 1);
    return isSum ? byte + prime : byte ^ prime;
  });
  return cipher(offset, first, true);
}

/** Whether bytes on AE02 are a challenge. */
export const isChallenge = (bytes: Uint8Array): boolean => bytes.length === CHALLENGE_LENGTH && u8(bytes, 0) === 0;

/** What to write to AE01 for a challenge, with its leading 0 or without. */
export function answerChallenge(challenge: Uint8Array): Uint8Array {
  const block = challenge.length === CHALLENGE_LENGTH ? challenge.subarray(1) : challenge;
  return Uint8Array.of(1, ...e1(LINK_KEY, block, ADDRESS));
}
