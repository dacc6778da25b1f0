/** What a device handed out or said of itself, kept with it; and one device that came back under another address, known by its serial number. */
import type { BleClaim, Claims } from './claims.ts';
import type { Remembered } from './device-link.ts';

/** Two that are heard side by side are two, whatever they say of themselves: cheap ones all have the same serial number. */
const GONE_MS = 600_000;

/**
 * Keeps it, where it is new. A device that is one that is known already, and was not heard for a while (`silentMs`), goes on as that: its
 * name, its measurements.
 */
export function remember(
  claims: Pick<Claims, 'list' | 'of' | 'set' | 'remove'>,
  address: string,
  what: Remembered,
  silentMs: (address: string) => number,
): void {
  const claim = claims.of(address);
  if (claim === undefined) return;
  const next = withRemembered(claim, what);
  if (JSON.stringify(next) === JSON.stringify(claim)) return;
  const twin =
    what.about === undefined ? undefined : claims.list().find((one) => isSameDevice(one, next) && silentMs(one.address) >= GONE_MS);
  claims.set(twin === undefined ? next : { ...twin, ...next, name: twin.name, as: twin.as ?? twin.address });
  if (twin !== undefined) claims.remove(twin.address);
}

/** A reset or new batteries give some devices another address: the same serial number, maker and model. */
const isSameDevice = (one: BleClaim, other: BleClaim): boolean =>
  one.address !== other.address &&
  one.about?.serial !== undefined &&
  one.about.serial === other.about?.serial &&
  one.about.maker === other.about.maker &&
  one.about.model === other.about.model;

function withRemembered({ bond: bondBefore, ...claim }: BleClaim, what: Remembered): BleClaim {
  const { userSlot, pairingKey, loggedUntil, about, family, irk, bond } = what;
  const kept = bond === undefined ? bondBefore : (bond ?? undefined);
  return {
    ...claim,
    ...(userSlot === undefined ? {} : { userSlot }),
    ...(pairingKey === undefined ? {} : { pairingKey: Buffer.from(pairingKey).toString('hex') }),
    ...(loggedUntil === undefined ? {} : { loggedUntil: { ...claim.loggedUntil, ...loggedUntil } }),
    ...(about === undefined ? {} : { about: { ...claim.about, ...about } }),
    ...(family === undefined ? {} : { family }),
    ...(irk === undefined ? {} : { irk }),
    ...(kept === undefined ? {} : { bond: kept }),
  };
}
