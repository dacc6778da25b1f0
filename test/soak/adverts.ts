/**
 * Random broadcasts without end: nothing throws, no value is invented.
 *
 * Three kinds, in turn: random bytes as a radio with broken checksums would deliver them; random bytes under the header of a known family;
 * a real broadcast with bytes changed. The second and third count against crashes and broken promises only: a format without a check of
 * its own cannot tell random bytes under its header from a reading, and the radio's 24-bit CRC stands before it.
 */
import { isQuantityId } from '../../firmware/protocol/quantities.ts';
import type { Advertisement, DecodedAdvertisement } from '../../hub/sources/ble/advertisement.ts';
import { concernsUs, decodeAdvertisement } from '../../hub/sources/ble/advertisements/decode.ts';
import { families } from '../../hub/sources/ble/advertisements/families.ts';
import { parseAdvertisingData } from '../../hub/sources/ble/advertising-data.ts';

export interface FuzzResult {
  readonly randomBroadcasts: number;
  /** Random bytes that were told as a measurement, by model. */
  readonly falseMeasurements: ReadonlyMap<string, number>;
  readonly underHeaders: number;
  /** Random bytes under a family's header that were told as a measurement, by family. */
  readonly toldUnderHeader: ReadonlyMap<string, { readonly told: number; readonly of: number }>;
  readonly changed: number;
}

/** Broadcasts as sensors send them: the third kind changes some of their bytes. */
const real = [
  '02010612161a18b2188d38c1a42b089011f70a43200f',
  '0201061516d2fc4102ca0903bf13001122330c3d4e5f',
  '0201061b1695fe58585b0550f4830238c1a495ef58763c26000097e2abb5',
  '02010603021d1809ff5701c8478cc095890d161d18a22044b20701010a1a15',
  '02010415ff990403291a1ece1efc18f94202ca0b53',
  '0201061bff99040512fc5394c37c0004fffc040cac364200cdcbb8334c884f',
  '0d09475648353130325f43423942030388ec02010509ff0100010103cb0164',
  '0201061816cdfd08096f1c40342d580104be000d02070272260201570000',
  '020105070954503335370007ffc2170127022c',
  '0201061216d2fc400105020a0903b71805138a1446320c020c',
].map((hex) => Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16)));

/** xorshift32: fast, seeded; neighbouring seeds are spread apart (Knuth's multiplicative hash). */
function random(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e37_79b1) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const MAX_LEGACY_BYTES = 31;

/** What must hold of every outcome; throws, with the bytes, where it does not. */
function holds(outcome: DecodedAdvertisement | undefined, data: Uint8Array): void {
  if (outcome === undefined) return;
  const sound =
    outcome.model.length > 0 &&
    (outcome.kind !== 'values' || outcome.values.every(({ quantity, value }) => isQuantityId(quantity) && Number.isFinite(value)));
  if (!sound) throw new Error(`an outcome that is no outcome: ${JSON.stringify(outcome)} of ${Buffer.from(data).toString('hex')}`);
  if (!concernsUs(data))
    throw new Error(`decoded, though passed over unparsed: ${JSON.stringify(outcome)} of ${Buffer.from(data).toString('hex')}`);
}

const measured = (outcome: DecodedAdvertisement | undefined): outcome is Extract<DecodedAdvertisement, { kind: 'values' }> =>
  outcome?.kind === 'values' && outcome.values.length > 0;

/** `count` random broadcasts from one seed, and for every `every`th one of each other kind. A throw is a finding: it says the bytes. */
export function fuzzBroadcasts(seed: number, count: number, every = 1): FuzzResult {
  const next = random(seed);
  const key = new Uint8Array(16).fill(7);
  const falseMeasurements = new Map<string, number>();
  const toldUnderHeader = new Map<string, { told: number; of: number }>();
  const buffer = new Uint8Array(MAX_LEGACY_BYTES);
  const address = (): string => {
    const [high, low] = [next(), next()];
    return [high >>> 24, (high >>> 16) & 255, (high >>> 8) & 255, high & 255, low >>> 24, low & 255]
      .map((byte) => byte.toString(16).padStart(2, '0').toUpperCase())
      .join(':');
  };
  const fill = (from: number, to: number): void => {
    for (let at = from; at < to; at++) buffer[at] = next() >>> 11;
  };
  const heard = (data: Uint8Array, withKey: boolean): DecodedAdvertisement | undefined => {
    const advertisement: Advertisement = { address: address(), rssi: -60, ...parseAdvertisingData(data) };
    const outcome = decodeAdvertisement(advertisement, withKey ? { key } : {});
    holds(outcome, data);
    return outcome;
  };
  for (let index = 0; index < count; index++) {
    // Random bytes, the first structure's length mostly one that fits, as it must for anything to be read
    const length = 1 + (next() % MAX_LEGACY_BYTES);
    fill(0, length);
    if (next() & 1) buffer[0] = next() % length;
    const data = buffer.subarray(0, length);
    // Unparsed where no family could be concerned, as the hub does
    if (concernsUs(data)) {
      const outcome = heard(data, (next() & 1) === 1);
      if (measured(outcome)) falseMeasurements.set(outcome.model, (falseMeasurements.get(outcome.model) ?? 0) + 1);
    }
    if (index % every !== 0) continue;
    const family = families[next() % families.length]!;
    const headers: [type: number, number: number][] = [
      ...(family.companies ?? []).map((company): [number, number] => [0xff, company]),
      ...(family.serviceData ?? []).map((uuid): [number, number] => [0x16, Number.parseInt(uuid, 16)]),
    ];
    const header = headers[next() % Math.max(headers.length, 1)];
    if (header !== undefined) {
      const end = 4 + (next() % (MAX_LEGACY_BYTES - 3));
      fill(4, end);
      buffer.set([end - 1, header[0], header[1] & 255, header[1] >> 8]);
      const tally = toldUnderHeader.get(family.name) ?? { told: 0, of: 0 };
      tally.of++;
      if (measured(heard(buffer.subarray(0, end), false))) tally.told++;
      toldUnderHeader.set(family.name, tally);
    }
    const original = real[next() % real.length]!;
    const copy = original.slice(0, 1 + (next() % original.length));
    for (let flips = next() % 4; flips >= 0; flips--) copy[next() % copy.length] = next() >>> 13;
    heard(copy, true);
  }
  const others = Math.ceil(count / every);
  return { randomBroadcasts: count, falseMeasurements, underHeaders: others, toldUnderHeader, changed: others };
}

const MILLION = 1_000_000;
/** Of each other kind, one for this many random ones. */
const EVERY = 4;
/** Random broadcasts that may be told as measurements. */
const FALSE_PER_MILLION = 1;

/**
 * So many million random broadcasts, a quarter as many of each other kind: prints what was found, gives what is wrong, a sentence each.
 * A throw ends it and says the bytes.
 */
export async function soakBroadcasts(seed: number, millions: number): Promise<readonly string[]> {
  let told = 0;
  const under = new Map<string, { told: number; of: number }>();
  for (let million = 0; million < millions; million++) {
    const result = fuzzBroadcasts(seed + million, MILLION, EVERY);
    for (const [model, count] of result.falseMeasurements) {
      told += count;
      console.log(`random bytes told as ${model}: ${count}`);
    }
    for (const [family, { told: some, of }] of result.toldUnderHeader) {
      const so = under.get(family) ?? { told: 0, of: 0 };
      under.set(family, { told: so.told + some, of: so.of + of });
    }
  }
  for (const [family, { told: some, of }] of [...under].sort((a, b) => b[1].told / b[1].of - a[1].told / a[1].of))
    console.log(`under the header of ${family}: ${some} of ${of} (${((100 * some) / of).toFixed(2)} %)`);
  console.log(`${millions} million random broadcasts, ${told} told as measurements`);
  return told / millions < FALSE_PER_MILLION ? [] : [`${told} of ${millions} million random broadcasts were told as measurements`];
}
