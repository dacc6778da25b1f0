/**
 * The recordings of body scales: calls on another program's adapter, each turned into what our session does with the same
 * bytes. A recorded reading is our measurement, a recorded null our silence, `complete` our `done` or a settled weight on hold.
 */

import { compose } from '../../../../../../firmware/signal/body-composition/compose.ts';
import { type BleValue, shortUuid } from '../../../../../../hub/sources/ble/advertisement.ts';
import { decodeAdvertisement } from '../../../../../../hub/sources/ble/advertisements/decode.ts';
import { bytesOf, hexOf, le16, u32le, xor8 } from '../../../../../../hub/sources/ble/gatt/bytes.ts';
import { civilTimeOf } from '../../../../../../hub/sources/ble/gatt/civil-time.ts';
import * as beurerSanitas from '../../../../../../hub/sources/ble/gatt/scales/beurer-sanitas.ts';
import { chooseScale, isClaimedBy, isLefuStock, type ScaleIdentity, scales } from '../../../../../../hub/sources/ble/gatt/scales/choose.ts';
import * as eufy from '../../../../../../hub/sources/ble/gatt/scales/eufy-p2.ts';
import type { ScaleProfile, ScaleTime } from '../../../../../../hub/sources/ble/gatt/scales/family.ts';
import { answerChallenge, e1 } from '../../../../../../hub/sources/ble/gatt/scales/jieli.ts';
import * as koogeek from '../../../../../../hub/sources/ble/gatt/scales/koogeek-s1.ts';
import { miFrame } from '../../../../../../hub/sources/ble/gatt/scales/mi-scale-2.ts';
import * as qnFrames from '../../../../../../hub/sources/ble/gatt/scales/qn-frames.ts';
import { qnBroadcast } from '../../../../../../hub/sources/ble/gatt/scales/qn-scale.ts';
import {
  type AnySession,
  isWhole,
  type ScaleAction,
  type ScaleMeasurement,
} from '../../../../../../hub/sources/ble/gatt/scales/session.ts';
import { answerWithPassword, clockBytes, EPOCH_2010 } from '../../../../../../hub/sources/ble/gatt/scales/transtek.ts';
import { near } from '../cases.ts';

export interface Call {
  readonly fn: string;
  readonly on?: string;
  readonly args: readonly unknown[];
  readonly result: unknown;
  readonly threw?: string;
}
export interface Check {
  readonly expr: string;
  readonly matcher: string;
  readonly args: readonly unknown[];
}
export interface RecordedCase {
  readonly id: string;
  readonly calls: readonly Call[];
  readonly checks: readonly Check[];
}
export interface RecordedFile {
  readonly cases: readonly RecordedCase[];
}

/** What came of one call: the same, another, or a reason why it is not compared. */
export type Verdict =
  | { readonly kind: 'same' }
  | { readonly kind: 'other'; readonly say: string }
  | { readonly kind: 'listed'; readonly reason: string };
const same: Verdict = { kind: 'same' };
const listed = (reason: string): Verdict => ({ kind: 'listed', reason });
const judge = (isSame: boolean, say: () => string): Verdict => (isSame ? same : { kind: 'other', say: say() });

const WAITS_FOR_FORMULA = 'the composition follows from a formula and not from the scale';
const ADVERTISEMENT = 'an encrypted advertisement, decoded with the advertisements';
const INNER = 'an inner step of the other program';

/** The other program's names of our families, and the characteristic that its one-characteristic calls mean. */
const adapters: Readonly<Record<string, readonly [id: string, characteristic: string]>> = {
  DigooScaleAdapter: ['digoo', 'fff1'],
  ExingtechY1Adapter: ['exingtech-y1', '1a2ea400-75b9-11e2-be05-0002a5d5c51b'],
  ExcelvanCF369Adapter: ['excelvan-cf369', 'fff4'],
  HesleyScaleAdapter: ['hesley', 'fff4'],
  HoffenAdapter: ['hoffen', 'ffb2'],
  InlifeScaleAdapter: ['inlife', 'fff1'],
  MedisanaBs44xAdapter: ['medisana-bs44x', '8a21'],
  MgbAdapter: ['mgb', 'ffb2'],
  OneByoneAdapter: ['one-byone', 'fff4'],
  OneByoneNewAdapter: ['one-byone-new', 'ffb2'],
  ActiveEraAdapter: ['active-era', 'ffb2'],
  SoehnleScaleAdapter: ['soehnle', '352e3001-28e9-40b8-a361-6db4cca4147c'],
  SenssunAdapter: ['senssun', 'fff1'],
  YunmaiScaleAdapter: ['yunmai', 'ffe4'],
  BeurerSanitasScaleAdapter: ['beurer-sanitas', 'ffe1'],
  BeurerBf720Adapter: ['beurer-bf720', '2a9d'],
  SanitasSbf72Adapter: ['sanitas-sbf72', '2a9c'],
  StandardGattScaleAdapter: ['standard-gatt', '2a9c'],
  EsCs20mAdapter: ['es-cs20m', '2a10'],
  EufyP2Adapter: ['eufy-p2', 'fff2'],
  HutbitAdapter: ['hutbit', 'ffb2'],
  KoogeekS1Adapter: ['koogeek-s1', 'fff4'],
  MiScale2Adapter: ['mi-scale-2', '00002a2f-0000-3512-2118-0009af100700'],
  QnScaleAdapter: ['qn-scale', 'fff1'],
  RenphoScaleAdapter: ['renpho', '2a9d'],
  RenphoEs26bbAdapter: ['renpho-es26bb', '2a10'],
  RenphoMsc04Adapter: ['renpho-msc04', '2a10'],
  RobiS9Adapter: ['robi-s9', 'ffb2'],
  TrisaAdapter: ['trisa', '8a21'],
};

/** Families whose settled weight is `complete` there, because it also waits there for the rest. */
const holdsToo = new Set([
  'eufy-p2',
  'koogeek-s1',
  'yunmai',
  'beurer-sanitas',
  'renpho',
  'hutbit',
  'renpho-msc04',
  'robi-s9',
  'inlife',
  'one-byone',
]);
/** Families that are silent there until the composition has come, where ours shows the weight live. */
const silentBefore = new Set(['beurer-bf720', 'hutbit', 'robi-s9']);

/** Families whose impedance that program passed over, which ours gives. */
const passesOverImpedance = new Set(['beurer-bf720']);

const RECORDED_AT = Date.UTC(2026, 10, 23, 18, 37, 39);
/** The recordings of the extended QN result frames run under a clock of their capture. */
const EXTENDED_AT = (0x3218_ad20 + qnFrames.EPOCH_2000) * 1000;
const timeOf = (utcMs: number): ScaleTime => ({ utcMs, zoneMinutes: 0, civil: civilTimeOf(utcMs, 0) });

const bytesIn = (value: unknown): Uint8Array => {
  if (Array.isArray(value)) return Uint8Array.from(value as number[]);
  return bytesOf((value as { readonly hex?: string } | null)?.hex ?? '');
};

interface RecordedDevice {
  readonly localName?: string;
  readonly address?: string;
  readonly serviceUuids?: readonly string[];
  readonly characteristicUuids?: readonly string[];
  readonly manufacturerData?: { readonly id: number; readonly data: unknown };
  readonly serviceData?: readonly { readonly uuid: string; readonly data: unknown }[];
}
function identityOf(device: RecordedDevice): ScaleIdentity {
  const { localName = '', address, serviceUuids = [], characteristicUuids = [], manufacturerData, serviceData = [] } = device;
  return {
    name: localName === '' ? null : localName,
    address: address ?? null,
    serviceUuids,
    serviceData: new Map(serviceData.map(({ uuid, data }) => [shortUuid(uuid), bytesIn(data)])),
    manufacturerData: new Map(manufacturerData === undefined ? [] : [[manufacturerData.id, bytesIn(manufacturerData.data)]]),
    characteristics: new Set(characteristicUuids),
  };
}

interface RecordedPerson {
  readonly height: number;
  readonly age: number;
  readonly gender: 'male' | 'female';
  readonly isAthlete: boolean;
}
const person: RecordedPerson = { height: 183, age: 30, gender: 'male', isAthlete: false };

export interface Reading {
  readonly weight: number;
  readonly impedance: number;
}

/** One case: the sessions of the adapters that it names, and every write that they asked for. */
export class Replay {
  readonly #sessions = new Map<string, { readonly session: AnySession; state: ReturnType<AnySession['init']> }>();
  readonly writes: { readonly characteristic: string; readonly bytes: Uint8Array; readonly withResponse: boolean }[] = [];
  readonly subscribed: string[] = [];
  /** How many writes there were when the connection had been greeted: some recordings count only those after. */
  greeted = 0;
  #name: string | null = null;
  #at = 0;
  #unit: ScaleProfile['displayUnit'] = 'kg';
  #last: { readonly measurement: ScaleMeasurement | undefined; readonly isDone: boolean; readonly isHeld: boolean } = {
    measurement: undefined,
    isDone: false,
    isHeld: false,
  };
  #kept: ScaleMeasurement | undefined;
  #refused = false;
  #segments: Parameters<typeof eufy.joinSegment>[0] = { text: '', next: 0, length: 0 };
  readonly #recorded: RecordedCase;

  #bindKey: Uint8Array | undefined;
  #broadcaster: string | null = null;

  constructor(recorded: RecordedCase) {
    this.#recorded = recorded;
  }

  get isRefused(): boolean {
    return this.#refused;
  }

  call(call: Call): Verdict {
    const { fn, on, args, result } = call;
    if (on === 'XiaomiS800Adapter') return this.#advertised(call);
    if (on === 'AdeA2Adapter')
      return judge(fn === 'onConnected' || result === false || result === null, () => `${fn} of an unknown protocol`);
    const helper = this.#helper(call);
    if (helper !== undefined) return helper;
    const adapter = on === undefined ? undefined : adapters[on];
    if (adapter === undefined) return listed(`no counterpart of ${fn}`);
    const [id, characteristic] = adapter;
    switch (fn) {
      case 'matches': {
        const device = args[0] as RecordedDevice;
        const isOurs = isClaimedBy(id, identityOf(device));
        if (result === true) this.#name = device.localName ?? null;
        return judge(isOurs === result, () => `${id} claims ${isOurs}, theirs ${String(result)}: ${JSON.stringify(device)}`);
      }
      case 'parseNotification':
        return this.#hear(id, characteristic, bytesIn(args[0]), result as Reading | null);
      case 'parseCharNotification':
        return this.#hear(id, shortUuid(String(args[0])), bytesIn(args[1]), result as Reading | null);
      case 'parseServiceData':
        return compareReading(
          shortUuid(String(args[0])) === '181b' ? miFrame(bytesIn(args[1]), 'settled')?.values : undefined,
          result as Reading | null,
        );
      case 'parseBroadcast':
        return compareReading(qnBroadcast(bytesIn(args[0]))?.values, result as Reading | null);
      case 'onConnected':
        return this.#connect(id, args[0] as RecordedContext);
      case 'onSessionEnd':
        this.#step(id, { kind: 'disconnected', at: this.#at });
        return same;
      case 'isComplete': {
        const reading = args[0] as Reading;
        const values = valuesOf(reading);
        const heard = this.#last.measurement;
        const isOfScale = heard !== undefined && near(weightOf(heard.values), reading.weight, 0.001);
        const isComplete = isOfScale
          ? this.#last.isDone || (this.#last.isHeld && holdsToo.has(id))
          : values.length > 0 && isWhole(this.#session(id).session.family, values);
        if (!isOfScale && isComplete !== result) return listed('asks about a reading that no scale sent');
        return judge(isComplete === result, () => `complete: ours ${isComplete}, theirs ${String(result)}`);
      }
      case 'isFinal':
        return judge(this.#last.isDone === result, () => `final: ours ${this.#last.isDone}, theirs ${String(result)}`);
      case 'computeMetrics':
        return this.#compose(id, args[0] as Reading, args[1] as RecordedPerson, result as Readonly<Record<string, number | string>>);
      case 'configure':
        this.#unit = (args[0] as { readonly weightUnit?: string }).weightUnit === 'lbs' ? 'lb' : 'kg';
        return same;
      case 'buildAck': {
        const answer = (id === 'koogeek-s1' ? koogeek : beurerSanitas).acknowledge(bytesIn(args[0]));
        return judge(
          JSON.stringify(answer === undefined ? null : [...answer]) === JSON.stringify(result),
          () => `acknowledges ${answer === undefined ? 'nothing' : hexOf(answer)}`,
        );
      }
      case 'buildProfileWrites': {
        const missing = (result as readonly [string, readonly number[]][]).filter(
          ([uuid, bytes]) => this.#has(id, shortUuid(uuid)) && !this.wrote(bytes, shortUuid(uuid)),
        );
        return judge(missing.length === 0, () => `did not write ${JSON.stringify(missing)}`);
      }
      case 'unitFlag':
        return judge(qnFrames.unitFlag({ ...profileOf(person), displayUnit: this.#unit ?? 'kg' }) === result, () => 'another unit flag');
      case 'buildStoredDataQuery': {
        const bytes = result as readonly number[];
        return judge(JSON.stringify(qnFrames.start(bytes[2]!)) === JSON.stringify(bytes), () => 'another query');
      }
      case 'writeCmd':
        return judge(this.wrote(args[0] as readonly number[]), () => `did not write ${JSON.stringify(args[0])}`);
      case 'writeAe01':
        return judge(!this.#has(id, 'ae01') || this.wrote(args[0] as readonly number[]), () => `did not write ${JSON.stringify(args[0])}`);
      default:
        return listed(INNER);
    }
  }

  wrote(bytes: readonly number[], characteristic?: string): boolean {
    return this.writes.some(
      (one) =>
        (characteristic === undefined || one.characteristic === characteristic) && JSON.stringify([...one.bytes]) === JSON.stringify(bytes),
    );
  }

  /** Calls that stand by themselves: sums, frames, keys. */
  #helper({ fn, args, result, threw }: Call): Verdict | undefined {
    const bytes = (value: Uint8Array | readonly number[]): Verdict =>
      judge(hexOf(Uint8Array.from(value)) === hexOf(bytesIn(result)), () => `${fn}: ours ${hexOf(Uint8Array.from(value))}`);
    switch (fn) {
      case 'xorChecksum':
        return judge(xor8(bytesIn(args[0]), Number(args[1]), Number(args[2])) === result, () => 'another exclusive or');
      case 'e1':
        return bytes(e1(bytesIn(args[0]), bytesIn(args[1]), bytesIn(args[2])));
      case 'jieliAuthResponseFrame':
        return bytes(answerChallenge(bytesIn(args[0])));
      case 'buildSubContract': {
        const text = Buffer.from(String(args[0]), 'hex').toString('ascii');
        const ours = eufy.segmentsOf(Number(args[1]), text).map(hexOf);
        return judge(
          JSON.stringify(ours) === JSON.stringify((result as unknown[]).map((one) => hexOf(bytesIn(one)))),
          () => `segments ${ours.join(' ')}`,
        );
      }
      case 'buildC0':
      case 'buildC2':
        return listed('made with an address and a name that are not recorded');
      case 'handleC1': {
        const { held, text } = eufy.joinSegment(this.#segments, 0xc1, bytesIn(args[0]));
        this.#segments = held;
        return judge((text !== undefined) === result, () => `joined: ours ${text !== undefined}`);
      }
      case 'handleC3':
        return judge((bytesIn(args[0])[0] === 0xc3) === result, () => 'another answer');
      case 'parseWeightNotification': {
        const frame = eufy.weightFrame(bytesIn(args[0]));
        return compareReading(frame && valuesOf(frame), result as Reading | null);
      }
      case 'parseEufyAdvertisement':
        return compareReading(eufy.eufyBroadcast(bytesIn(args[0]))?.values, result as Reading | null);
      case 'frameIntegrityProblems':
        return judge(JSON.stringify(eufy.integrityProblems(bytesIn(args[0]))) === JSON.stringify(result), () => 'other problems');
      case 'isHutbitOemAdvert': {
        const identity = identityOf(args[0] as RecordedDevice);
        const services = new Set(identity.serviceUuids.map(shortUuid));
        return judge(
          isLefuStock({ identity, offers: (one) => services.has(one) }) === result,
          () => 'another word on the stock advertisement',
        );
      }
      case 'resolveAdapter': {
        const name = String((result as { readonly _obj?: string } | null)?._obj ?? '').replace('bound ', '');
        const expected = adapters[name]?.[0];
        const isForced = JSON.stringify(args[1] ?? '').includes('bound ');
        const ours = chooseScale(identityOf(args[0] as RecordedDevice), isForced ? expected : undefined)?.family.id;
        return judge(ours === expected, () => `chose ${String(ours)}, theirs ${name}`);
      }
      case 'applyForcedAdapter': {
        const names = (result as readonly { readonly _obj: string }[]).map(({ _obj }) => _obj.replace('bound ', ''));
        const missing = names.filter((name) => adapters[name] === undefined && name !== 'XiaomiS800Adapter');
        return judge(missing.length === 0, () => `no family for ${missing.join(', ')}`);
      }
      case 'hasParseableBroadcastSource':
      case 'warnUnsetFieldOnce':
      case 'errMsg':
      case 'handleUploadChannel':
        return same;
      case 'parseS800Object':
        // The object alone: put into a frame that is not encrypted.
        return compareReading(
          broadcastValues(Uint8Array.from([0x40, 0x50, 0xe2, 0x51, 0x01, ...bytesIn(args[0])]), null),
          result as Reading,
        );
      case 'macFrameOrderFromFrame':
        return judge((result === null) === (addressIn(bytesIn(args[0])) === null), () => 'whether the frame has an address');
      case 'decryptMiBeaconV5':
        return judge(
          (result === null) === (broadcastValues(bytesIn(args[0]), addressIn(bytesIn(args[0])), bytesIn(args[1])) === undefined),
          () => `decrypts to ${JSON.stringify(result)}`,
        );
      case 'buildAdeA2TimeSyncCommand':
        return bytes(clockBytes((u32le(bytesIn(result), 1) + EPOCH_2010) * 1000));
      case 'buildAdeA2ChallengeResponse':
        try {
          const answer = answerWithPassword(bytesIn(args[0]), bytesIn(args[1]));
          return threw === undefined ? bytes(answer) : { kind: 'other', say: 'did not refuse' };
        } catch {
          return judge(threw !== undefined, () => 'refused');
        }
      default:
        return undefined;
    }
  }

  #session(id: string) {
    const held = this.#sessions.get(id);
    if (held !== undefined) return held;
    const session = scales.find(({ family }) => family.id === id)!;
    const opened = { session, state: session.init(profileOf(person)) };
    this.#sessions.set(id, opened);
    return opened;
  }

  #has(id: string, characteristic: string): boolean {
    return this.#session(id).state.connection?.characteristics.has(characteristic) === true;
  }

  #step(id: string, event: Parameters<AnySession['step']>[1]): readonly ScaleAction[] {
    const held = this.#session(id);
    const [state, actions] = held.session.step(held.state, event);
    held.state = state;
    this.#at += 100;
    for (const action of actions) {
      if (action.kind === 'write') this.writes.push(action);
      if (action.kind === 'subscribe') this.subscribed.push(action.characteristic);
      if (action.kind === 'refused') this.#refused = true;
    }
    return actions;
  }

  #connect(id: string, context: RecordedContext): Verdict {
    const recorded = context.availableChars?.set;
    const family = this.#session(id).session.family;
    const known = recorded === undefined ? [...family.subscribe, '2a2b', 'fff2'] : recorded.map(shortUuid);
    const held = this.#session(id);
    const who = typeof context.profile === 'object' && 'height' in context.profile ? context.profile : person;
    const { pin, userIndex, provision, registerNewUser } = context.scaleAuth ?? {};
    held.state = {
      ...held.state,
      profile: {
        ...profileOf(who),
        displayUnit: this.#unit ?? 'kg',
        ...(pin !== undefined && { consentCode: pin }),
        ...(userIndex !== undefined && { userSlot: userIndex }),
        ...(provision === true && { provision }),
        ...(registerNewUser === true && { register: true }),
      },
    };
    const isExtended = JSON.stringify(this.#recorded.calls).includes('"hex":"b4');
    this.#step(id, {
      kind: 'connected',
      at: this.#at,
      connection: {
        address: context.deviceAddress || null,
        name: this.#name,
        characteristics: new Set(known),
        random: new Uint8Array(16).fill(7),
      },
      time: timeOf(isExtended ? EXTENDED_AT : RECORDED_AT),
    });
    this.greeted = this.writes.length;
    return same;
  }

  /** A frame of a scale that only broadcasts, by the decoder of advertisements. */
  #advertised({ fn, args, result }: Call): Verdict {
    if (fn === 'configure') this.#bindKey = bytesOf(String((args[0] as { readonly bindKey?: string }).bindKey ?? ''));
    if (fn !== 'parseServiceData') return fn === 'matches' && result !== false ? listed(ADVERTISEMENT) : same;
    const frame = bytesIn(args[1]);
    this.#broadcaster = addressIn(frame) ?? this.#broadcaster;
    return compareReading(broadcastValues(frame, this.#broadcaster, this.#bindKey), result as Reading | null);
  }

  #hear(id: string, characteristic: string, bytes: Uint8Array, expected: Reading | null): Verdict {
    const held = this.#session(id);
    // Where the recording tells of no connection, the scale is one with every characteristic and the name it was matched by.
    if (held.state.connection === null && id !== 'trisa' && id !== 'eufy-p2') {
      const connection = {
        address: null,
        name: this.#name,
        characteristics: new Set([...held.session.family.subscribe]),
        random: new Uint8Array(16),
      };
      held.state = { ...held.state, connection };
    }
    if (id === 'eufy-p2' && expected !== null && this.#recorded.calls.every(({ fn }) => fn !== 'parseCharNotification')) {
      // The one-characteristic path there goes past the exchange of keys.
      held.state = { ...held.state, memory: { ...(held.state.memory as object), isAccepted: true } };
    }
    const actions = this.#step(id, { kind: 'notification', at: this.#at, characteristic, bytes });
    const measurements = actions.filter((action): action is ScaleMeasurement => action.kind === 'measurement');
    const measurement = measurements.at(-1);
    if (measurement !== undefined) {
      this.#last = {
        measurement,
        isDone: actions.some(({ kind }) => kind === 'done') || measurement.settled,
        isHeld: held.state.pending !== null,
      };
      if (weightOf(measurement.values) > 0) this.#kept = measurement;
    }
    if (expected === null && measurement !== undefined && !measurement.settled && silentBefore.has(id)) return same;
    if (expected !== null && expected.impedance > 3000 && measurement !== undefined)
      return listed('an impedance beyond any body, of a variant that is not known before the connection');
    const values = measurement?.values.filter(({ quantity }) => quantity !== 'impedance' || !passesOverImpedance.has(id));
    const verdict = compareReading(values, expected);
    if (verdict.kind !== 'other') return verdict;
    return { kind: 'other', say: `${characteristic} ${hexOf(bytes)}: ${verdict.say}` };
  }

  /** A composition that came before its weight: the weight follows by its own characteristic, and the scale's values with it. */
  #joins(id: string, weight: number): boolean {
    const bytes = Uint8Array.from([0, ...le16(Math.round(weight * 200))]);
    const actions = this.#step(id, { kind: 'notification', at: this.#at, characteristic: '2a9d', bytes });
    const measurement = actions.find((action) => action.kind === 'measurement');
    if (measurement?.values.some(({ quantity }) => quantity === 'fat_ratio') !== true) return false;
    this.#kept = measurement;
    return true;
  }

  #compose(id: string, reading: Reading, who: RecordedPerson, expected: Readonly<Record<string, number | string>>): Verdict {
    if (!(reading.weight > 0)) return listed('asks for the composition of nobody');
    const bmi = reading.weight / (who.height / 100) ** 2;
    if (!near(bmi, Number(expected.bmi), 0.006)) return { kind: 'other', say: `body mass index ours ${bmi}` };
    const kept = this.#kept;
    const own =
      kept !== undefined && near(weightOf(kept.values), reading.weight, 0.01) ? kept.values : (this.#last.measurement?.values ?? []);
    const value = (quantity: BleValue['quantity']): number | undefined => own.find((one) => one.quantity === quantity)?.value;
    const fat = value('fat_ratio');
    if (fat === undefined && this.#joins(id, reading.weight)) return this.#compose(id, reading, who, expected);
    if (fat === undefined) return followsFrom(reading, who, expected);
    const water = value('water_ratio') ?? (value('water_mass') === undefined ? undefined : (100 * value('water_mass')!) / reading.weight);
    const muscle = value('muscle_ratio') === undefined ? undefined : (value('muscle_ratio')! * reading.weight) / 100;
    const visceral = value('visceral_fat') === undefined ? undefined : Math.min(59, Math.max(1, Math.trunc(value('visceral_fat')!)));
    const pairs: [string, number | undefined][] = [
      ['bodyFatPercent', fat],
      ['waterPercent', water],
      ['boneMass', value('bone_mass')],
      ['muscleMass', muscle],
      ['visceralFat', visceral],
    ];
    const bad = pairs.filter(([name, ours]) => ours !== undefined && !near(ours, Number(expected[name]), 0.011));
    return judge(bad.length === 0, () => bad.map(([name, ours]) => `${name}: ours ${ours}, theirs ${expected[name]}`).join('; '));
  }
}

/** Where the scale composed nothing: by the formula of the impedance, or of the person alone. */
function followsFrom(reading: Reading, who: RecordedPerson, expected: Readonly<Record<string, number | string>>): Verdict {
  const { heightCm, ageYears, sex, athlete } = profileOf(who);
  const said: string[] = [];
  for (const formula of ['generic-impedance', 'profile-only'] as const) {
    const body = { sex, ageYears, heightCm, weightKg: reading.weight, impedanceOhm: reading.impedance };
    const ours = compose(formula, { ...body, activity: athlete === true ? 4 : 3 });
    if (ours.kind === 'refused') continue;
    const { fat_ratio, water_ratio, bone_mass, muscle_mass } = ours.values;
    const pairs: [string, number | undefined][] = [
      ['bodyFatPercent', fat_ratio],
      ['waterPercent', water_ratio],
      ['boneMass', bone_mass],
      ['muscleMass', muscle_mass],
    ];
    const bad = pairs.filter(([name, one]) => one === undefined || !near(one, Number(expected[name]), 0.011));
    if (bad.length === 0) return same;
    said.push(...bad.map(([name, one]) => `${formula} ${name}: ours ${one}, theirs ${expected[name]}`));
  }
  return said.length === 0 ? listed(WAITS_FOR_FORMULA) : { kind: 'other', say: said.join('; ') };
}

/** The address that a MiBeacon frame names, last byte first, where its flag says so. */
function addressIn(frame: Uint8Array): string | null {
  if (frame.length < 11 || ((frame[0] ?? 0) & 0x10) === 0) return null;
  return [...frame.slice(5, 11).reverse()].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
}

function broadcastValues(frame: Uint8Array, address: string | null, key?: Uint8Array): readonly BleValue[] | undefined {
  const heard = decodeAdvertisement(
    { address, name: null, rssi: null, manufacturerData: new Map(), serviceData: new Map([['fe95', frame]]), serviceUuids: [] },
    key === undefined ? {} : { key },
  );
  return heard?.kind === 'values' ? heard.values : undefined;
}

interface RecordedContext {
  readonly profile: RecordedPerson | { readonly _fn: string };
  readonly deviceAddress?: string;
  readonly availableChars?: { readonly set: readonly string[] };
  readonly scaleAuth?: {
    readonly pin?: number;
    readonly userIndex?: number;
    readonly provision?: boolean;
    readonly registerNewUser?: boolean;
  };
}

const profileOf = ({ height, age, gender, isAthlete }: RecordedPerson): ScaleProfile => ({
  heightCm: height,
  ageYears: age,
  sex: gender,
  athlete: isAthlete,
});
const weightOf = (values: readonly BleValue[]): number => values.find(({ quantity }) => quantity === 'weight')?.value ?? 0;
const valuesOf = ({ weight, impedance }: Reading): BleValue[] => [
  ...(weight > 0 ? [{ quantity: 'weight', value: weight } as const] : []),
  ...(impedance > 0 ? [{ quantity: 'impedance', value: impedance } as const] : []),
];

/** A recorded reading against our values; nothing weighed and no reading are the same. */
function compareReading(ours: readonly BleValue[] | undefined, expected: Reading | null): Verdict {
  const weight = ours === undefined ? 0 : weightOf(ours);
  const impedance = ours?.find(({ quantity }) => quantity === 'impedance')?.value ?? 0;
  const theirs = expected ?? { weight: 0, impedance: 0 };
  const isSame = near(weight, theirs.weight, 0.002) && near(impedance, theirs.impedance, 0.06);
  return judge(isSame, () => `ours ${weight} kg ${impedance} ohm, theirs ${JSON.stringify(expected)}`);
}
