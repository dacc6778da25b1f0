/** Short ways to write what a decoder says. */
import type { QuantityId } from '../../../../firmware/protocol/quantities.ts';
import type { BleEvent, BleValue, DecodedAdvertisement } from '../advertisement.ts';

type Values = Extract<DecodedAdvertisement, { kind: 'values' }>;

export const value = (quantity: QuantityId, amount: number, channel?: number): BleValue =>
  channel === undefined ? { quantity, value: amount } : { quantity, value: amount, channel };

export const event = (name: string, detail?: string): BleEvent => (detail === undefined ? { event: name } : { event: name, detail });

/** A state with two sides, told as an event: `smoke: on`. */
export const state = (name: string, on: boolean): BleEvent => ({ event: name, detail: on ? 'on' : 'off' });

/** Fields of {@link Values} that are undefined are left out, so that equal outcomes are deeply equal. */
export function heard(
  model: string,
  values: readonly BleValue[],
  more?: { [K in 'events' | 'packet' | 'counter' | 'deviceTime' | 'settled']?: Values[K] | undefined },
): DecodedAdvertisement {
  if (more === undefined) return { kind: 'values', model, values };
  const said: { -readonly [K in keyof Values]: Values[K] } = { kind: 'values', model, values };
  if (more.events !== undefined && more.events.length > 0) said.events = more.events;
  if (more.packet !== undefined) said.packet = more.packet;
  if (more.counter !== undefined) said.counter = more.counter;
  if (more.deviceTime !== undefined) said.deviceTime = more.deviceTime;
  if (more.settled !== undefined) said.settled = more.settled;
  return said;
}

export const presence = (model: string, identity?: string): DecodedAdvertisement =>
  identity === undefined ? { kind: 'presence', model } : { kind: 'presence', model, identity };

export const locked = (model: string): DecodedAdvertisement => ({ kind: 'locked', model });

export const refused = (model: string, reason: Extract<DecodedAdvertisement, { kind: 'refused' }>['reason']): DecodedAdvertisement => ({
  kind: 'refused',
  model,
  reason,
});
