/**
 * Weight Gurus 0376 (Greater Goods, Transtek A3): stored weigh-ins with the weight on 8A24 and the composition on 8A22.
 *
 * 8A24: flags 0, weight 1 (decimal float, kg), then by flag seconds since 2010 in local time (0x01), difference (0x02),
 * impedance (0x04), person (0x08), state (0x10; bit 4: composition follows). 8A22: flags 0, the same seconds 1, then person
 * (0x01), basal metabolism (0x02), and as SFLOAT fat (0x04), water (0x08), visceral (0x10), muscle (0x20), bone (0x40) in percent.
 * Paired once: A0 password, answered 21 and a number; then A1 challenge, answered 20; eight 83 frames name the persons, and
 * only after the last are person (03), profile (51), time (02) and the end (22) sent. Source: openScale's description.
 */
import { asByte, le16, le32, u8, u16le, u32le } from '../bytes.ts';
import { encodeSfloat, sfloatAt } from '../floats.ts';
import { type Heard, type ScaleContext, type ScaleFamily, type ScaleRequest, type Weighing, weighing, write } from './family.ts';
import { CHALLENGE, DOWNLOAD, decimal32, EPOCH_2010, PASSWORD, UPLOAD } from './transtek.ts';

const WEIGHT = '8a24';
const COMPOSITION = '8a22';
const SLOT = 0x83;
const LAST_SLOT = 8;
const NAME_LENGTH = 18;
/** The largest height that its decimal float can say, in m. */
const MAX_HEIGHT_M = 2.04;

interface Memory {
  readonly password: Uint8Array | null;
  readonly isPairing: boolean;
  readonly isToldProfile: boolean;
  readonly open: { readonly seconds: number; readonly weighing: Weighing } | null;
}
const empty: Memory = { password: null, isPairing: false, isToldProfile: false, open: null };

const isoOfSeconds = (seconds: number): string => new Date((EPOCH_2010 + seconds) * 1000).toISOString().slice(0, 19);

/** The scale counts local time. */
const clock = ({ time }: ScaleContext): ScaleRequest[] =>
  time === null ? [] : [write(DOWNLOAD, [0x02, ...le32(Math.floor(time.utcMs / 1000) - EPOCH_2010 + time.zoneMinutes * 60)], true)];

const profileOf = ({ profile: { userSlot = 1, sex, ageYears, heightCm } }: ScaleContext): ScaleRequest =>
  write(
    DOWNLOAD,
    [0x51, 0x17, userSlot, sex === 'male' ? 1 : 2, asByte(ageYears), ...le16(encodeSfloat(Math.min(MAX_HEIGHT_M, heightCm / 100))), 0],
    true,
  );

function heardEvent(memory: Memory, bytes: Uint8Array, context: ScaleContext): Heard<Memory> {
  const kind = u8(bytes, 0);
  if (kind === PASSWORD && bytes.length >= 5) {
    const password = bytes.slice(1, 5);
    const account = context.connection.random.slice(0, 4);
    account[0] = (account[0] ?? 0) | 1;
    return {
      memory: { ...memory, password, isPairing: true },
      requests: [{ kind: 'remember', pairingKey: password }, write(DOWNLOAD, [0x21, ...account], true)],
    };
  }
  if (kind === CHALLENGE && bytes.length >= 5) {
    const { password } = memory;
    if (password === null) {
      const remedy = 'hold the button of the scale until it shows that it pairs, and connect again';
      return { memory, requests: [{ kind: 'refused', reason: 'the scale is paired with another program', remedy }] };
    }
    const answer = write(DOWNLOAD, [0x20, ...bytes.subarray(1, 5).map((byte, index) => byte ^ password[index]!)], true);
    if (memory.isPairing) return { memory, requests: [answer] };
    return { memory: { ...memory, isToldProfile: true }, requests: [answer, ...clock(context), profileOf(context)] };
  }
  if (kind !== SLOT || u8(bytes, 1) !== LAST_SLOT || memory.isToldProfile) return { memory };
  const slot = context.profile.userSlot ?? 1;
  const name = Buffer.from('Hearth'.padEnd(NAME_LENGTH), 'ascii');
  return {
    memory: { ...memory, isToldProfile: true },
    requests: [
      write(DOWNLOAD, [0x03, slot, ...name], true),
      profileOf(context),
      ...clock(context),
      write(DOWNLOAD, [0x22], true),
      { kind: 'remember', userSlot: slot },
    ],
  };
}

function heardWeight(memory: Memory, bytes: Uint8Array): Heard<Memory> {
  // A weight that was promised its composition and did not get it is given as it is.
  const left = memory.open === null ? {} : { weighing: memory.open.weighing };
  const flags = u8(bytes, 0);
  let at = 5;
  const seconds = flags & 0x01 ? u32le(bytes, at) : Number.NaN;
  at += (flags & 0x01 ? 4 : 0) + (flags & 0x02 ? 4 : 0);
  const impedance = flags & 0x04 ? decimal32(bytes, at) : undefined;
  at += flags & 0x04 ? 4 : 0;
  const userSlot = flags & 0x08 ? u8(bytes, at) : undefined;
  at += flags & 0x08 ? 1 : 0;
  const follows = Boolean(flags & 0x10) && Boolean(u8(bytes, at) & 0x10) && !Number.isNaN(seconds);
  const extra = {
    ...(!Number.isNaN(seconds) && { deviceTime: isoOfSeconds(seconds) }),
    ...(userSlot !== undefined && !Number.isNaN(userSlot) && { userSlot }),
  };
  const { weighing: one } = weighing({ weight: decimal32(bytes, 1), impedance }, 'stored', extra);
  if (one === undefined) return { memory };
  if (follows) return { memory: { ...memory, open: { seconds, weighing: one } }, ...left };
  return { memory: { ...memory, open: null }, weighing: one, also: Object.values(left) };
}

function heardComposition(memory: Memory, bytes: Uint8Array): Heard<Memory> {
  const { open } = memory;
  if (open === null || bytes.length < 5) return { memory };
  const done = { ...memory, open: null };
  if (u32le(bytes, 1) !== open.seconds) return { memory: done, weighing: open.weighing };
  const flags = u8(bytes, 0);
  let at = 5 + (flags & 0x01 ? 1 : 0);
  const next = (flag: number, read: (bytes: Uint8Array, at: number) => number): number | undefined => {
    if (!(flags & flag)) return undefined;
    at += 2;
    return read(bytes, at - 2);
  };
  const basal_metabolism = next(0x02, u16le);
  const [fat_ratio, water_ratio, visceral_fat, muscle_ratio, bonePercent] = [0x04, 0x08, 0x10, 0x20, 0x40].map((flag) =>
    next(flag, sfloatAt),
  );
  const weight = open.weighing.values[0]?.value ?? 0;
  const bone_mass = bonePercent === undefined ? undefined : (bonePercent * weight) / 100;
  const { values, ...extra } = open.weighing;
  const whole = weighing(
    {
      weight,
      fat_ratio,
      water_ratio,
      visceral_fat,
      muscle_ratio,
      bone_mass,
      basal_metabolism,
      impedance: values.find(({ quantity }) => quantity === 'impedance')?.value,
    },
    'stored',
    extra,
  );
  return { memory: done, ...whole };
}

export const weightGurusA3: ScaleFamily<Memory> = {
  id: 'weight-gurus-a3',
  model: 'Weight Gurus 0376',
  subscribe: [UPLOAD, WEIGHT, COMPOSITION],
  whole: ['weight'],
  holdMs: 6000,
  memory: () => empty,
  connected: ({ profile: { pairingKey } }) => ({ memory: { ...empty, password: pairingKey ?? null } }),
  heard: (memory, characteristic, bytes, context) => {
    if (characteristic === UPLOAD) return heardEvent(memory, bytes, context);
    if (characteristic === WEIGHT) return heardWeight(memory, bytes);
    return characteristic === COMPOSITION ? heardComposition(memory, bytes) : { memory };
  },
};
