import type { ServerResponse } from 'node:http';
import { categories } from '../../../firmware/protocol/quantities.ts';
import { Type } from '../../../firmware/schema/type.ts';
import type { Challenge, Member } from '../../people/challenges.ts';
import type { Link } from '../../people/partners.ts';
import type { Share } from '../../people/shares.ts';
import { measurementJson } from '../../store/measurement-json.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { Measurement } from '../schemas.ts';
import { leaveChallenge } from './challenges.ts';
import { timeOf } from './measurements.ts';

const Time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
const ShareBody = Type.Object({
  id: Type.String(),
  /** Of whom, or for whom. */
  name: Type.String(),
  kind: Type.String({ description: 'account, link, partner (it reads), import (it brings in) or challenge (a step count)' }),
  categories: Type.Array(Type.String()),
  from: Time,
  to: Time,
  since: Time,
  ends: Time,
  stopped: Time,
  lastRead: Time,
  rowsRead: Type.Integer(),
  isOpen: Type.Boolean(),
});
const Id = Type.Object({ id: Type.String({ maxLength: 40 }) });
const MOST_DAYS = 366;
const DAY_MS = 86_400_000;
const MOST_ROWS = 1000;
/** Open shares of a person: a page that nobody can look through is no dashboard. */
const MOST_SHARES = 100;
const MOST_STREAMS = 20;

/** Sharing with others here and with outside people, and the page of every share (C8, C9, E1, E7). */
export function shareRoutes(web: Web, { house, people, signIn }: WebContext): void {
  const { shares, accounts, operations, key, partners, challenges } = people;
  const streams = new Map<ServerResponse, string>();
  const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  const json = (share: Share, name: string) => ({
    id: share.id,
    name,
    kind: share.account === null ? 'link' : 'account',
    categories: [...share.categories],
    from: iso(share.fromMs),
    to: iso(share.toMs),
    since: iso(share.createdMs),
    ends: iso(share.endsMs),
    stopped: iso(share.stoppedMs),
    lastRead: iso(share.lastReadMs),
    rowsRead: share.rowsRead,
    isOpen: shares.isOpen(share, house.now()),
  });
  /** A link to a partner, as the same page shows it. */
  const linkJson = (link: Link) => ({
    id: link.id,
    name: link.partnerName,
    kind: link.kind === 'reads' ? 'partner' : 'import',
    categories: [...link.categories],
    from: iso(link.fromMs),
    to: iso(link.toMs),
    since: iso(link.createdMs),
    ends: iso(link.endsMs),
    stopped: iso(link.stoppedMs),
    lastRead: iso(link.lastMs),
    rowsRead: link.rows,
    isOpen: partners.isOpen(link, house.now()),
  });
  const challengeJson = (challenge: Challenge, member: Member) => ({
    id: member.id,
    name: challenge.name,
    kind: 'challenge',
    categories: ['activity'],
    from: iso(challenge.fromMs),
    to: iso(challenge.toMs),
    since: iso(member.joinedMs),
    ends: iso(challenge.endsMs),
    stopped: iso(member.leftMs ?? challenge.stoppedMs),
    lastRead: iso(member.lastAskedMs),
    // One number each time.
    rowsRead: member.timesAsked,
    isOpen: member.leftMs === null && challenges.isOpen(challenge, house.now()),
  });
  const noShare = (): ApiError => new ApiError(404, 'no-share', 'There is no such share, or it ended.', 'Ask the person whose data it is.');
  /** The one gate: what is covered now, noted. */
  const readOut = (share: Share, actor: string) => {
    if (!shares.isOpen(share, house.now())) throw noShare();
    const rows = shares.read(share.id, house.store, MOST_ROWS, house.now());
    operations.appendOnce({ kind: 'read', actor, subject: share.owner, detail: { share: share.id } });
    return {
      of: accounts.get(share.owner)?.name ?? '',
      categories: [...share.categories],
      from: iso(share.fromMs),
      to: iso(share.toMs),
      measurements: rows.map(measurementJson),
    };
  };
  const Shared = Type.Object({
    of: Type.String(),
    categories: Type.Array(Type.String()),
    from: Time,
    to: Time,
    measurements: Type.Array(Measurement),
  });

  web.get(
    '/api/v1/shares',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Every share of yours: who, what, which days, since when, last read, how many rows; and those given to you',
        response: { 200: Type.Object({ given: Type.Array(ShareBody), received: Type.Array(ShareBody) }) },
      },
    },
    async ({ who }) => ({
      given: [
        ...shares
          .given(who.id)
          .map((share) =>
            json(share, share.account === null ? share.label : (accounts.get(share.account)?.name ?? 'somebody who is gone')),
          ),
        ...partners.given(who.id).map(linkJson),
        ...challenges.of(who.id).map(({ challenge, member }) => challengeJson(challenge, member)),
      ],
      received: shares.received(who.id, house.now()).map((share) => json(share, accounts.get(share.owner)?.name ?? '')),
    }),
  );

  web.post(
    '/api/v1/shares',
    {
      config: { access: 'household', again: 'if-set' },
      schema: {
        summary: 'Share with an account here, or with an outside person by a link with a passcode',
        body: Type.Object({
          account: Type.Optional(Type.String({ maxLength: 64, description: 'left out: a link' })),
          label: Type.Optional(Type.String({ minLength: 1, maxLength: 60, description: 'what you call the outside person' })),
          categories: Type.Array(Type.Enum(categories.filter((one) => one !== 'identity')), { minItems: 1, maxItems: 4 }),
          from: Type.Optional(Type.String()),
          to: Type.Optional(Type.String()),
          days: Type.Integer({ minimum: 1, maximum: MOST_DAYS, description: 'how long it holds' }),
        }),
        response: {
          201: Type.Object({
            share: ShareBody,
            link: Type.Union([Type.String(), Type.Null()]),
            passcode: Type.Union([Type.String(), Type.Null()]),
            receipt: Type.String(),
          }),
        },
      },
    },
    async ({ who, body }, reply) => {
      const nowMs = house.now();
      const account = body.account === undefined ? undefined : accounts.get(body.account);
      if (body.account !== undefined && (account === undefined || account.id === who.id))
        throw new ApiError(404, 'no-person', 'There is nobody else of that id here.', 'See /api/v1/people.');
      if (account === undefined && body.label === undefined)
        throw new ApiError(400, 'label', 'Say whom the link is for.', 'A name that you know them by.');
      if (shares.given(who.id).filter((share) => shares.isOpen(share, nowMs)).length >= MOST_SHARES)
        throw new ApiError(409, 'full', `${MOST_SHARES} shares are open.`, 'Stop some of them.');
      const { from, to, days, categories: chosen } = body;
      const label = account?.name ?? body.label ?? '';
      const made = shares.give(
        {
          owner: who.id,
          account: account?.id ?? null,
          label,
          categories: [...new Set(chosen)],
          fromMs: from === undefined ? null : timeOf(from, 0, 'from'),
          toMs: to === undefined ? null : timeOf(to, 0, 'to'),
          endsMs: nowMs + days * DAY_MS,
        },
        nowMs,
      );
      operations.append({
        kind: 'share',
        actor: who.actor,
        subject: who.id,
        detail: { with: account?.id ?? 'a link', categories: chosen.join(', '), days },
      });
      const text = `Shared with ${label}: ${chosen.join(', ')}, for ${days} days.`;
      const receipt = await key.issue({ kind: 'share', atUtcMs: nowMs, subject: who.id, by: who.id, text });
      return reply.code(201).send({
        share: json(made.share, label),
        link: made.token === undefined ? null : `#/look/${made.token}`,
        passcode: made.passcode ?? null,
        receipt,
      });
    },
  );

  web.delete(
    '/api/v1/shares/:id',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Stop a share or a link to a partner, at once: its tokens are dead and its streams end',
        params: Id,
        response: { 200: Type.Object({ receipt: Type.String() }) },
      },
    },
    async ({ who, params: { id } }) => {
      if (!shares.stop(id, who.id, house.now()) && !partners.stop(id, who.id, house.now()) && !leaveChallenge({ house, people }, who, id))
        throw noShare();
      for (const [raw, share] of streams) if (share === id) raw.destroy();
      operations.append({ kind: 'share-ended', actor: who.actor, subject: who.id, detail: { share: id } });
      return {
        receipt: await key.issue({
          kind: 'share-ended',
          atUtcMs: house.now(),
          subject: who.id,
          by: who.id,
          text: `Share ${id} is stopped.`,
        }),
      };
    },
  );

  web.get(
    '/api/v1/shared/:id',
    { config: { access: 'signed-in' }, schema: { summary: 'What somebody here shares with you', params: Id, response: { 200: Shared } } },
    async ({ who, params: { id } }) => {
      const share = shares.get(id);
      if (share === undefined || share.account !== who.id) throw noShare();
      return readOut(share, who.actor);
    },
  );

  web.get(
    '/api/v1/shared/:id/live',
    { config: { access: 'signed-in' }, schema: { summary: 'What is shared with you, as it happens (server-sent events)', params: Id } },
    (request, reply) => {
      const { who, params } = request as typeof request & { params: { id: string } };
      const share = shares.get(params.id);
      if (share === undefined || share.account !== who.id || !shares.isOpen(share, house.now())) throw noShare();
      if (streams.size >= MOST_STREAMS) throw new ApiError(503, 'busy', `${MOST_STREAMS} streams are open already.`, 'Close some of them.');
      reply.hijack();
      const { raw } = reply;
      streams.set(raw, share.id);
      raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      raw.write('retry: 1000\n\n');
      const stop = house.listen((event) => {
        if (event.type !== 'measurement') return;
        // Asked anew each time: of the grant and of the session.
        if (signIn.whoOf(request).id !== share.account) raw.destroy();
        else if (shares.covers(share.id, event.measurement, house.now())) {
          raw.write(`event: measurement\ndata: ${JSON.stringify(measurementJson(event.measurement))}\n\n`);
          shares.note(share.id, 1, house.now());
        }
      });
      raw.on('error', () => undefined);
      raw.on('close', () => {
        stop();
        streams.delete(raw);
      });
    },
  );
  web.addHook('preClose', async () => {
    for (const raw of streams.keys()) raw.destroy();
  });

  web.post(
    '/api/v1/look',
    {
      config: { access: 'anyone' },
      schema: {
        summary: 'What is shared by a link, with its passcode',
        body: Type.Object({ token: Type.String({ minLength: 10, maxLength: 64 }), passcode: Type.String({ minLength: 4, maxLength: 20 }) }),
        response: { 200: Shared },
      },
    },
    async (request) => {
      const { token, passcode } = request.body;
      const share = await signIn.guess(request, `look ${token.slice(0, 12)}`, async () =>
        shares.byLink(token, passcode.replaceAll(/\s/g, '')),
      );
      if (share === undefined) throw noShare();
      return readOut(share, 'nobody');
    },
  );
}
