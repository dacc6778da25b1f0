/** What is seen of the promises about what people are told, on the living hub. */
import { createHash } from 'node:crypto';
import { quantities } from '../../../firmware/protocol/quantities.ts';
import { purposes } from '../../people/objections.ts';
import { channels, isOn, type MessageTypeId, messageTypes, noticesFor } from '../messages.ts';
import type { Checks } from '../prove.ts';

export const toldChecks: Checks = {
  async F7({ house, ask }) {
    const { policy, accounts, objections } = house.people;
    const { hash, text } = policy.current();
    const isNamed = createHash('sha256').update(text).digest('hex') === hash;
    const unnamed = Object.keys(purposes).filter((id) => !policy.current().purposes.some((one) => one.id === id));
    const { status } = await ask('GET', '/api/v1/policy');
    let [waiting, done] = [0, 0];
    for (const { id } of accounts.list())
      for (const purpose of Object.keys(purposes) as (keyof typeof purposes)[]) {
        if (!policy.isWaiting(id, purpose)) continue;
        waiting++;
        if (purposes[purpose].quantities.some((quantity) => objections.mayMake(id, quantities[quantity].code))) done++;
      }
    return {
      isKept: isNamed && status === 200 && unnamed.length === 0 && done === 0,
      evidence: `${policy.versions().length} texts so far, the present one is ${hash.slice(0, 12)}… for all to read; purposes that it does not name: ${unnamed.join(', ') || 'none'}; waiting for a yes: ${waiting}, done all the same: ${done}`,
    };
  },
  D6({ house }) {
    const { accounts } = house.people;
    const types = Object.keys(messageTypes) as MessageTypeId[];
    let [on, unasked] = [0, 0];
    for (const { id } of accounts.list()) {
      for (const type of types)
        for (const channel of Object.keys(channels) as (keyof typeof channels)[]) if (isOn(house.people, id, type, channel)) on++;
      unasked += noticesFor(house, id).filter(({ stop }) => stop !== undefined && !isOn(house.people, id, stop.type, stop.channel)).length;
    }
    const isOff = types.every((type) => !isOn(house.people, 'nobody-yet', type, 'page'));
    return {
      isKept: isOff && unasked === 0,
      evidence: `${types.length} kinds of messages, each with a switch that is off at first; switched on by somebody: ${on}; shown though off: ${unasked}`,
    };
  },
};
