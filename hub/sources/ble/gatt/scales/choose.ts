/**
 * Which family a scale belongs to: the first row of the table that claims it. A row claims by name, by service or by
 * characteristics, and may say more where brands share a vendor's service (FFF0, FFB0) or the standard's.
 *
 * Before a connection only the advertisement is known; once the characteristics are, a scale is chosen again by them too.
 * Source of the signatures: openScale's and ble-scale-sync's descriptions.
 */
import { type Advertisement, shortUuid } from '../../advertisement.ts';
import { fitTrackDara, taylorBia } from './ac02.ts';
import { activeEra } from './active-era.ts';
import { beurerBf720 } from './beurer-bf720.ts';
import { beurerSanitas } from './beurer-sanitas.ts';
import { digoo } from './digoo.ts';
import { esCs20m } from './es-cs20m.ts';
import { eufyP2 } from './eufy-p2.ts';
import { excelvanCf369 } from './excelvan-cf369.ts';
import { EXINGTECH_SERVICE, exingtechY1 } from './exingtech-y1.ts';
import { hesley } from './hesley.ts';
import { hoffen } from './hoffen.ts';
import { hutbit } from './hutbit.ts';
import { inlife } from './inlife.ts';
import { keepS3 } from './keep-s3.ts';
import { koogeekS1 } from './koogeek-s1.ts';
import { medisanaBs44x } from './medisana-bs44x.ts';
import { mgb } from './mgb.ts';
import { MI_HISTORY, miScale2 } from './mi-scale-2.ts';
import { OMRON_SERVICE, omronModel, omronWlc } from './omron-wlc.ts';
import { oneByone } from './one-byone.ts';
import { oneByoneNew } from './one-byone-new.ts';
import { qnScale } from './qn-scale.ts';
import { renpho } from './renpho.ts';
import { renphoEs26bb } from './renpho-es26bb.ts';
import { renphoMsc04 } from './renpho-msc04.ts';
import { robiS9 } from './robi-s9.ts';
import { senssun } from './senssun.ts';
import { type AnySession, anySession } from './session.ts';
import { soehnle } from './soehnle.ts';
import { sanitasSbf72, standardGatt } from './standard-gatt.ts';
import { trisa } from './trisa.ts';
import { vitafitVt701 } from './vitafit-vt701.ts';
import { weightGurusA3 } from './weight-gurus-a3.ts';
import { yunmai } from './yunmai.ts';

/** What is known of a scale when a family is chosen. */
export interface ScaleIdentity extends Pick<Advertisement, 'name' | 'address' | 'serviceUuids' | 'serviceData' | 'manufacturerData'> {
  /** Known once connected; undefined before. */
  readonly characteristics?: ReadonlySet<string>;
}

interface Names {
  readonly exact?: readonly string[];
  readonly starts?: readonly string[];
  readonly includes?: readonly string[];
}

/** An identity as the rows ask for it. */
interface Seen {
  readonly name: string;
  readonly offers: (service: string) => boolean;
  readonly has: (...characteristics: string[]) => boolean;
  readonly isDiscovered: boolean;
  readonly identity: ScaleIdentity;
}

interface Row {
  readonly scale: AnySession;
  readonly names?: Names;
  readonly services?: readonly string[];
  /** The row's own word where names and services do not decide: true claims, false leaves, undefined asks names and services. */
  readonly says?: (seen: Seen) => boolean | undefined;
}

const BEURER = 0x0611;
const EUFY = 0xff48;
const LEFU = 0x02ac;
const QINGNIU = 0x1a10;
const QN_BROADCAST = 0xffff;

/** The maker's stock of Lefu scales: its own address, reversed, perhaps a state of 0 or 1, and two services. */
export function isLefuStock({ identity: { manufacturerData }, offers }: Pick<Seen, 'identity' | 'offers'>): boolean {
  const data = manufacturerData.get(LEFU);
  if (data === undefined || (data.length !== 6 && data.length !== 7) || (data[6] ?? 0) > 1) return false;
  return offers('ffb0') && offers('d618');
}

/** A nameless ES-CS20M sends its own address, in either order. */
function sendsOwnAddress({ identity: { manufacturerData, address } }: Seen): boolean {
  const data = manufacturerData.get(QINGNIU);
  const own = address?.replace(/[^0-9a-f]/gi, '').toLowerCase();
  if (data?.length !== 12 || own?.length !== 12) return false;
  const inside = data.subarray(4, 10);
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return hex(inside) === own || hex(inside.slice().reverse()) === own;
}

const isEufyBroadcast = ({ identity: { manufacturerData } }: Seen): boolean => {
  const data = manufacturerData.get(EUFY);
  return data !== undefined && data.length >= 19 && data[6] === 0xcf;
};

function qnSays({ name, offers, has, identity }: Seen): boolean {
  const broadcast = identity.manufacturerData.get(QN_BROADCAST);
  if (broadcast !== undefined && broadcast.length >= 19 && broadcast[0] === 0xaa && broadcast[1] === 0xbb) return true;
  const canRun = (has('fff1') || has('ffe1')) && (has('fff2') || has('ffe3'));
  if (has('2a10', '2a11') && !canRun) return false;
  if (offers('ae00') || has('ae01') || has('ae02')) return true;
  const hasService = offers('ffe0') || offers('fff0');
  const isQn = ['qn-scale', 'senssun', 'sencor', 'seb-scale'].some((one) => name.includes(one)) || name === 'fit plus';
  if (isQn) return true;
  if (name.includes('renpho')) return !(!hasService && (offers('181b') || offers('181d'))) && !(has('2a9f', '2a9d') && !canRun);
  return name === '' && !has('2a9f', '2a9d') && (hasService || has('ffe1', 'ffe3'));
}

function miSays({ name, offers, has, isDiscovered, identity: { manufacturerData } }: Seen): boolean {
  if (manufacturerData.has(BEURER) || name.includes('bf720') || name.includes('bf105')) return false;
  if (['mibcs', 'mibfs', 'mi scale', 'mi_scale'].some((one) => name.startsWith(one))) return true;
  return isDiscovered ? has(MI_HISTORY) : offers('181b');
}

/** In order: the first that claims is taken. Brands with a sure sign come before those that share a service. */
const table: readonly Row[] = [
  { scale: anySession(eufyP2), names: { starts: ['eufy t9148', 'eufy t9149'] }, says: (seen) => isEufyBroadcast(seen) || undefined },
  { scale: anySession(senssun), names: { exact: ['senssun fat'] } },
  { scale: anySession(qnScale), says: qnSays },
  {
    scale: anySession(renpho),
    says: ({ name, offers, has, isDiscovered }) => {
      if (!name.includes('renpho')) return false;
      const canBeQn = (has('fff1') || has('ffe1')) && (has('fff2') || has('ffe3'));
      if (isDiscovered && canBeQn) return false;
      return has('2a9f', '2a9d') || !(offers('ffe0') || offers('fff0'));
    },
  },
  { scale: anySession(renphoMsc04), names: { exact: ['r-msc04'] } },
  { scale: anySession(renphoEs26bb), names: { exact: ['es-26bb-b'] } },
  {
    scale: anySession(beurerBf720),
    names: { includes: ['bf720', 'bf105', 'bf500', 'bf788', 'bf950'] },
    says: ({ name, offers, identity }) =>
      (name === '' && identity.manufacturerData.has(BEURER) && (offers('181d') || offers('181b'))) || undefined,
  },
  { scale: anySession(miScale2), says: miSays },
  { scale: anySession(weightGurusA3), says: ({ name }) => /^[01]0376b/.test(name) },
  { scale: anySession(omronWlc), services: [OMRON_SERVICE], says: ({ identity }) => omronModel(identity.name) !== undefined || undefined },
  { scale: anySession(yunmai), names: { includes: ['yunmai'] } },
  {
    scale: anySession(beurerSanitas),
    names: {
      includes: [
        'bf-700',
        'bf700',
        'beurer bf710',
        'bf-800',
        'beurer bf800',
        'rt-libra',
        'libra-b',
        'libra-w',
        'sanitas sbf70',
        'sbf75',
        'aicdscale1',
      ],
    },
  },
  { scale: anySession(sanitasSbf72), names: { includes: ['sbf72', 'sbf73', 'bf915'] } },
  { scale: anySession(soehnle), names: { starts: ['shape200', 'shape100', 'shape50', 'style100'] } },
  { scale: anySession(medisanaBs44x), names: { exact: ['013197', '013198', '0202b6'], starts: ['0203b'] }, services: ['78b2'] },
  { scale: anySession(trisa), names: { starts: ['01257b', '11257b'] } },
  {
    scale: anySession(esCs20m),
    names: { includes: ['es-cs20m', 'es-32md'], starts: ['113360_'] },
    services: ['1a10'],
    says: (seen) => sendsOwnAddress(seen) || undefined,
  },
  { scale: anySession(exingtechY1), names: { exact: ['vscale'] }, services: [EXINGTECH_SERVICE] },
  { scale: anySession(excelvanCf369), names: { exact: ['electronic scale'] } },
  { scale: anySession(hesley), names: { exact: ['yunchen'] } },
  { scale: anySession(koogeekS1), names: { includes: ['koogeek-s1'] } },
  { scale: anySession(vitafitVt701), names: { starts: ['vitafit'] } },
  { scale: anySession(keepS3), names: { exact: ['keep_s3', 'keep s3'] } },
  {
    scale: anySession(inlife),
    names: { exact: ['000fatscale01', '000fatscale02', '042fatscale01'] },
    // FFF0 is everybody's: the characteristic that only these write to decides once it is known.
    says: ({ name, offers, has, isDiscovered }) => {
      if (['000fatscale01', '000fatscale02', '042fatscale01'].includes(name)) return true;
      return isDiscovered ? has('fff2') && !has('fff4') : offers('fff0');
    },
  },
  { scale: anySession(digoo), names: { exact: ['mengii'] } },
  {
    scale: anySession(oneByone),
    names: { includes: ['t9146', 't9147', 't9120', 'health scale'] },
    says: ({ has }) => (has('fff4') && !has('fff2')) || undefined,
  },
  { scale: anySession(oneByoneNew), names: { exact: ['1byone scale'] } },
  { scale: anySession(activeEra), names: { includes: ['ae bs-06'] } },
  { scale: anySession(taylorBia), names: { starts: ['5331891'], includes: ['bia scale'] } },
  { scale: anySession(fitTrackDara), names: { starts: ['fittrack'] } },
  {
    scale: anySession(robiS9),
    names: { includes: ['robi'] },
    says: (seen) => {
      const { name, offers, has } = seen;
      if (name.startsWith('swan') || name === 'icomon' || name === 'yg') return false;
      if (name.includes('robi')) return true;
      return !isLefuStock(seen) && offers('ffb0') && has('ffb3');
    },
  },
  { scale: anySession(hutbit), names: { includes: ['hutbit'] }, says: (seen) => isLefuStock(seen) || undefined },
  { scale: anySession(mgb), names: { starts: ['swan'], exact: ['icomon', 'yg'] }, services: ['ffb0'] },
  { scale: anySession(hoffen), names: { exact: ['hoffen bs-8107', 'hoffen bbs-8107'] } },
];

const standardNames: Names = { includes: ['beurer', 'silvercrest', 'bf600', 'bf850', 'medisana'] };

const standard = anySession(standardGatt);

/** Every family, the standard one last. */
export const scales: readonly AnySession[] = [...table.map(({ scale }) => scale), standard];

function nameHits(names: Names | undefined, name: string): boolean {
  if (name === '' || names === undefined) return false;
  return (
    names.exact?.includes(name) === true ||
    names.starts?.some((one) => name.startsWith(one)) === true ||
    names.includes?.some((one) => name.includes(one)) === true
  );
}

function look(identity: ScaleIdentity): Seen {
  const characteristics = new Set([...(identity.characteristics ?? [])].map(shortUuid));
  const services = new Set([...identity.serviceUuids.map(shortUuid), ...[...identity.serviceData.keys()].map(shortUuid)]);
  return {
    name: (identity.name ?? '').toLowerCase(),
    offers: (service) => services.has(service),
    has: (...wanted) => wanted.every((one) => characteristics.has(one)),
    isDiscovered: characteristics.size > 0,
    identity,
  };
}

const claims = ({ names, services, says }: Row, seen: Seen): boolean =>
  says?.(seen) ?? (nameHits(names, seen.name) || services?.some(seen.offers) === true);

/** A standard scale is one that no brand claims by its name. */
function isStandard(seen: Seen): boolean {
  const isBrand = table.some(
    ({ scale, names, says }) =>
      nameHits(names, seen.name) ||
      (scale.family.id === qnScale.id && seen.name !== '' && says?.({ ...seen, offers: () => false, has: () => false }) === true),
  );
  return !isBrand && (seen.offers('181b') || seen.offers('181d') || nameHits(standardNames, seen.name));
}

/** Whether a family claims a scale, whatever the others do. */
export function isClaimedBy(id: string, identity: ScaleIdentity): boolean {
  const seen = look(identity);
  if (id === standardGatt.id) return isStandard(seen);
  const row = table.find(({ scale }) => scale.family.id === id);
  return row !== undefined && claims(row, seen);
}

/**
 * The family of a scale; undefined for a device that none claims. A `forced` id is taken as it is: a person knows better
 * than a name which scale stands in the bathroom.
 */
export function chooseScale(identity: ScaleIdentity, forced?: string): AnySession | undefined {
  if (forced !== undefined) return scales.find(({ family }) => family.id === forced);
  const seen = look(identity);
  return table.find((row) => claims(row, seen))?.scale ?? (isStandard(seen) ? standard : undefined);
}
