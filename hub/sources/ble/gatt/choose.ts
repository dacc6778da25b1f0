/**
 * What a device that can be connected to is, by its advertisement: a body scale, or an instrument by its standard service or its maker's
 * sign. Source of the numbers: Assigned Numbers 3.4.2 (services), 7.1 (companies), and the makers' programs that the families name.
 */
import { LINE_SERVICE } from '../../../../firmware/protocol/bluetooth-line.ts';
import type { Advertisement } from '../advertisement.ts';
import { airthings } from '../advertisements/airthings.ts';
import { airthingsAtom, airthingsWave } from './instruments/airthings.ts';
import { aranet4 } from './instruments/aranet.ts';
import { hearthDevice } from './instruments/hearth.ts';
import { lywsd } from './instruments/lywsd.ts';
import { bloodPressure, heartRate, oximeter, roomSensor, running, thermometer } from './instruments/standard.ts';
import { chooseScale, scales } from './scales/choose.ts';
import { type AnySession, anySession } from './scales/session.ts';
import { LYWSD_MODELS } from './vendor/lywsd.ts';

interface Row {
  readonly session: AnySession;
  readonly is: (advertisement: Advertisement) => boolean;
}

const offers =
  (...services: readonly string[]) =>
  ({ serviceUuids }: Advertisement): boolean =>
    services.some((service) => serviceUuids.includes(service));
const airthingsModel = (advertisement: Advertisement): string | undefined => airthings.decode(advertisement, {})?.model;
const ATOM_MODELS = ['Airthings Wave Enhance', 'Airthings Corentium Home 2'];
/** Of SAF Tehnika, and of the service that an Aranet listens at. */
const ARANET_COMPANY = 0x0702;
const ARANET_SERVICES = ['fce0', 'f0cd1400-95da-4f4b-9ac8-aa55d312af0c'];

/** Makers' own first: a product may list a standard service as well. */
const table: readonly Row[] = [
  { session: anySession(airthingsAtom), is: (seen) => ATOM_MODELS.includes(airthingsModel(seen) ?? '') },
  { session: anySession(airthingsWave), is: (seen) => airthingsModel(seen) !== undefined },
  {
    session: anySession(aranet4),
    is: (seen) =>
      (seen.name?.startsWith('Aranet4') ?? false) && (seen.manufacturerData.has(ARANET_COMPANY) || offers(...ARANET_SERVICES)(seen)),
  },
  { session: anySession(lywsd), is: ({ name }) => LYWSD_MODELS.some((model) => model === name) },
  { session: anySession(bloodPressure), is: offers('1810') },
  { session: anySession(thermometer), is: offers('1809') },
  { session: anySession(oximeter), is: offers('1822') },
  { session: anySession(heartRate), is: offers('180d') },
  { session: anySession(running), is: offers('1814') },
  { session: anySession(roomSensor), is: offers('181a') },
];

/** Our own: they offer standard services beside their line. */
const own = anySession(hearthDevice);
const isOwn = offers(LINE_SERVICE);

/** Every family that is connected to. */
export const sessions: readonly AnySession[] = [...scales, ...table.map(({ session }) => session), own];

/** The family of a device by its advertisement; undefined for one that none claims. */
export const chooseSession = (advertisement: Advertisement): AnySession | undefined =>
  isOwn(advertisement) ? own : (chooseScale(advertisement) ?? table.find(({ is }) => is(advertisement))?.session);

const byId = new Map(sessions.map((session) => [session.family.id, session]));
export const sessionOf = (id: string): AnySession | undefined => byId.get(id);
