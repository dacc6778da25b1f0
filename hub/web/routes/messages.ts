import { Type } from '../../../firmware/schema/type.ts';
import {
  channels,
  isChannel,
  isMessageType,
  isOn,
  type MessageTypeId,
  messageTypes,
  noticesFor,
  switchMessage,
} from '../../rights/messages.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

/** What the hub tells a person unasked, and the switch of each kind (D6). */
export function messageRoutes(web: Web, { house, people }: WebContext): void {
  web.get(
    '/api/v1/notices',
    {
      config: { access: 'any-account' },
      schema: {
        summary: 'What you are told now: what you must know, and messages of the kinds that you switched on',
        response: {
          200: Type.Array(
            Type.Object({
              id: Type.String(),
              text: Type.String(),
              link: Type.String(),
              stop: Type.Optional(
                Type.Object({ type: Type.String(), channel: Type.String() }, { description: 'how to switch its kind off' }),
              ),
            }),
          ),
        },
      },
    },
    async ({ who }) => {
      people.policy.look();
      return noticesFor(house, who.id);
    },
  );

  web.get(
    '/api/v1/messages',
    {
      config: { access: 'any-account' },
      schema: {
        summary: 'Each kind of message with its switch for each way; off until switched on',
        response: {
          200: Type.Array(
            Type.Object({
              type: Type.String(),
              words: Type.String(),
              hint: Type.String(),
              channels: Type.Array(Type.Object({ channel: Type.String(), words: Type.String(), on: Type.Boolean() })),
            }),
          ),
        },
      },
    },
    async ({ who }) =>
      (Object.keys(messageTypes) as MessageTypeId[]).map((type) => ({
        type,
        words: messageTypes[type].words,
        hint: messageTypes[type].hint,
        channels: (Object.keys(channels) as (keyof typeof channels)[]).map((channel) => ({
          channel,
          words: channels[channel],
          on: isOn(people, who.id, type, channel),
        })),
      })),
  );

  web.put(
    '/api/v1/messages/:type/:channel',
    {
      config: { access: 'any-account' },
      schema: {
        summary: 'Switch a kind of message on or off',
        params: Type.Object({ type: Type.String({ maxLength: 40 }), channel: Type.String({ maxLength: 40 }) }),
        body: Type.Object({ on: Type.Boolean() }),
        response: { 200: Type.Object({ on: Type.Boolean() }) },
      },
    },
    async ({ who, params: { type, channel }, body: { on } }) => {
      if (!isMessageType(type) || !isChannel(channel))
        throw new ApiError(404, 'no-message', 'There is no such kind of message.', 'See /api/v1/messages.');
      switchMessage(house, who.id, type, channel, on);
      people.operations.append({ kind: 'message', actor: who.actor, subject: who.id, detail: { type, channel, on } });
      return { on };
    },
  );
}
