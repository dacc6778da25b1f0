/**
 * Trisa Body Analyze and ADE BA 1600: Transtek scales with the weight on 8A21, or on 8A24 of the second.
 *
 * Measurement: flags 0 (bit 0 time of 7 bytes, bits 1 and 2 two resistances), weight 1 (decimal float). The second resistance
 * gives the impedance: 3 below 410, else three tenths of what is over 400. Of ADE only the weight is known.
 * Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { u8 } from '../bytes.ts';
import { type Heard, type ScaleContext, type ScaleFamily, type ScaleRequest, weighing, write } from './family.ts';
import { answerWithPassword, CHALLENGE, DOWNLOAD, decimal32, PASSWORD, setClock, UPLOAD } from './transtek.ts';

const TRISA = '8a21';
const ADE = '8a24';
/** The end of pairing, by variant. */
const PAIRED = { trisa: 0x21, ade: 0x22 } as const;
const ADE_ANSWER = 0x20;

interface Memory {
  readonly password: Uint8Array | null;
  /** A challenge that came before the word that the connection is open. */
  readonly early: Uint8Array | null;
}
const empty: Memory = { password: null, early: null };

const variantOf = (characteristics: ReadonlySet<string>): 'trisa' | 'ade' =>
  !characteristics.has(TRISA) && characteristics.has(ADE) ? 'ade' : 'trisa';

function heardUpload(memory: Memory, bytes: Uint8Array, { connection: { characteristics } }: ScaleContext): Heard<Memory> {
  const kind = u8(bytes, 0);
  if (bytes.length < 2) return { memory };
  if (kind === CHALLENGE && characteristics.size === 0) return { memory: { ...memory, early: bytes } };
  if (variantOf(characteristics) === 'ade') {
    // This variant hands out no password: the answer is the challenge itself.
    return kind === CHALLENGE && bytes.length >= 5
      ? { memory, requests: [write(DOWNLOAD, [ADE_ANSWER, ...bytes.subarray(1, 5)], true)] }
      : { memory };
  }
  if (kind === PASSWORD) {
    const password = bytes.slice(1);
    return { memory: { ...memory, password }, requests: [{ kind: 'remember', pairingKey: password }] };
  }
  if (kind !== CHALLENGE || memory.password === null) return { memory };
  return { memory, requests: [write(DOWNLOAD, answerWithPassword(bytes.subarray(1), memory.password), true)] };
}

export const trisa: ScaleFamily<Memory> = {
  id: 'trisa',
  model: 'Trisa Body Analyze, ADE BA 1600',
  subscribe: [TRISA, ADE, '8a22', UPLOAD],
  whole: ['weight'],
  holdMs: 4000,
  formula: 'trisa',
  memory: () => empty,
  connected: (context, held) => {
    const { characteristics } = context.connection;
    const memory = { ...empty, password: held.password ?? context.profile.pairingKey ?? null };
    if (!characteristics.has(TRISA) && !characteristics.has(ADE)) {
      return {
        memory,
        requests: [
          {
            kind: 'refused',
            reason: 'the scale shows neither 8a21 nor 8a24',
            remedy: 'connect again: its services were not read to the end',
          },
        ],
      };
    }
    const requests: ScaleRequest[] = [...setClock(context.time), write(DOWNLOAD, [PAIRED[variantOf(characteristics)]], true)];
    const early = held.early === null ? [] : (heardUpload(memory, held.early, context).requests ?? []);
    return { memory, requests: [...requests, ...early] };
  },
  timeKnown: (memory, { time }) => ({ memory, requests: setClock(time) }),
  heard: (memory, characteristic, bytes, context) => {
    if (characteristic === UPLOAD) return heardUpload(memory, bytes, context);
    if ((characteristic !== TRISA && characteristic !== ADE) || bytes.length < 5) return { memory };
    const flags = u8(bytes, 0);
    const weight = decimal32(bytes, 1);
    const at = 5 + (flags & 0x01 ? 7 : 0) + (flags & 0x02 ? 4 : 0);
    const resistance = characteristic === TRISA && flags & 0x04 ? decimal32(bytes, at) : Number.NaN;
    const impedance = resistance < 410 ? 3 : 0.3 * (resistance - 400);
    return { memory, ...weighing({ weight, impedance: Number.isNaN(impedance) ? undefined : impedance }, 'settled') };
  },
};
