/**
 * What the hub may tell a person unasked (D6): each kind has a switch of its own for each way, off until they switch it on, and each
 * message says how to switch its kind off. What they must know of their data (the policy, a disclosure) is no message of this kind.
 */

import type { House } from '../house.ts';
import type { People } from '../people/people.ts';
import { HOME } from '../people/subjects.ts';
import { openDisclosures } from './disclosures.ts';
import { openStatistics } from './statistics/statistics.ts';

export const channels = { page: 'On the hub’s page' } as const;
export type Channel = keyof typeof channels;

export interface MessageContext {
  readonly house: House;
  readonly subject: string;
}
interface MessageType {
  readonly words: string;
  readonly hint: string;
  /** What there is to say now; undefined for nothing. */
  readonly say: (context: MessageContext) => string | undefined;
}

const DAY_MS = 86_400_000;
const LOW_BATTERY = 20;
const SILENT_DAYS = 2;

export const messageTypes = {
  devices: {
    words: 'Devices that need you',
    hint: 'A battery that is low, a device that has been silent for two days',
    say({ house, subject }) {
      const low = [HOME, subject]
        .filter((one) => house.store.subjects().includes(one))
        .flatMap((one) => house.store.vault(one).latest())
        .filter(({ quantity, value, end }) => quantity === 'battery' && value < LOW_BATTERY && house.now() - end < SILENT_DAYS * DAY_MS);
      const silent = house
        .devices()
        .filter(({ connected, lastSeenUtcMs: seen }) => !connected && seen !== null && house.now() - seen > SILENT_DAYS * DAY_MS);
      const parts = [
        ...low.map(({ device, value }) => `the battery of ${device} is at ${Math.round(value)} %`),
        ...silent.map(({ name }) => `${name} has been silent for two days`),
      ];
      return parts.length === 0 ? undefined : `${parts.join('; ')}.`;
    },
  },
  weekly: {
    words: 'Your week',
    hint: 'On Mondays: steps and weight of the week before, in a sentence',
    say({ house, subject }) {
      const nowMs = house.now();
      if (new Date(nowMs).getUTCDay() !== 1 || !house.store.subjects().includes(subject)) return undefined;
      const week = (quantity: 'steps' | 'weight') =>
        house.store.vault(subject).series({ quantity, fromMs: nowMs - 7 * DAY_MS, toMs: nowMs, points: 7 });
      const steps = week('steps').reduce((total, { sum }) => total + sum, 0);
      const [first, last] = [week('weight')[0]?.mean, week('weight').at(-1)?.mean];
      const parts = [
        ...(steps > 0 ? [`${Math.round(steps).toLocaleString('en')} steps`] : []),
        ...(first !== undefined && last !== undefined ? [`${last.toFixed(1)} kg, ${(last - first).toFixed(1)} kg from the first day`] : []),
      ];
      return parts.length === 0 ? undefined : `Your week: ${parts.join('; ')}.`;
    },
  },
  news: {
    words: 'News of Hearth',
    hint: 'What this hub became after an update',
    say({ house, subject }) {
      const known = house.people.choices.get<string>(subject, 'message', 'version')?.value;
      return known === undefined || known === house.version ? undefined : `This hub was updated from version ${known} to ${house.version}.`;
    },
  },
  surveys: {
    words: 'Questions and studies',
    hint: 'That a study can be joined; joining is another matter',
    say({ house, subject }) {
      const { choices } = house.people;
      return choices.list(subject, 'statistics').length > 0
        ? undefined
        : 'There is a study that you could join: how sleep follows the change of the clocks.';
    },
  },
} as const satisfies Record<string, MessageType>;
export type MessageTypeId = keyof typeof messageTypes;
export const isMessageType = (id: string): id is MessageTypeId => Object.hasOwn(messageTypes, id);
export const isChannel = (id: string): id is Channel => Object.hasOwn(channels, id);

export const isOn = ({ choices }: Pick<People, 'choices'>, subject: string, type: MessageTypeId, channel: Channel): boolean =>
  choices.get<boolean>(subject, 'message', `${type}/${channel}`)?.value === true;

export function switchMessage(house: House, subject: string, type: MessageTypeId, channel: Channel, on: boolean): void {
  const { choices } = house.people;
  choices.set(subject, 'message', `${type}/${channel}`, on, house.now());
  // From here on one is told of what is newer than this.
  if (type === 'news') choices.set(subject, 'message', 'version', house.version, house.now());
}

export interface Notice {
  readonly id: string;
  readonly text: string;
  /** Page that it leads to. */
  readonly link: string;
  /** Set on messages: the kind and the way to switch off. */
  readonly stop?: { readonly type: MessageTypeId; readonly channel: Channel };
}

/** What a person is shown now: what they must know first, then the messages that they switched on. */
export function noticesFor(house: House, subject: string): Notice[] {
  const { policy, choices } = house.people;
  const { hash } = policy.current();
  const notices: Notice[] = [];
  const copies = house.people.choices.get<{ message: string }>(subject, 'copies', 'trouble');
  if (copies !== undefined)
    notices.push({ id: 'copies', text: `The copy of your data was not made: ${copies.value.message}.`, link: '#/you/copies' });
  if (
    openDisclosures(house.people, house.now)
      .told(subject)
      .some(({ seenUtcMs }) => seenUtcMs === null)
  )
    notices.push({ id: 'disclosure', text: 'Data of yours was given to an authority.', link: '#/you/recipients' });
  if (policy.versions().length > 1 && policy.agreed(subject).hash !== hash && choices.get(subject, 'policy', 'seen')?.value !== hash) {
    const waits = policy.waiting(subject).length;
    const more = waits === 0 ? '' : ` ${waits === 1 ? 'One new purpose waits' : `${waits} new purposes wait`} for your yes.`;
    notices.push({ id: 'policy', text: `The household’s policy changed.${more}`, link: '#/you/policy' });
  }
  const waiting = openStatistics({ people: house.people, store: house.store, now: house.now })
    .ledger(subject)
    .filter(({ state }) => state === 'waits').length;
  if (waiting > 0)
    notices.push({ id: 'study', text: 'A number for the study that you joined waits: look at it before it goes.', link: '#/you/studies' });
  for (const type of Object.keys(messageTypes) as MessageTypeId[]) {
    if (!isOn(house.people, subject, type, 'page')) continue;
    const text = messageTypes[type].say({ house, subject });
    if (text !== undefined) notices.push({ id: type, text, link: '#/you/messages', stop: { type, channel: 'page' } });
  }
  return notices;
}
