/** What is seen of the promises about partners and challenges, on the living hub. */

import { cardSvg } from '../../web/page/card-svg.ts';
import { standingOf } from '../challenges/terms.ts';
import { CONSENT_VERSION } from '../partners/consent.ts';
import { scopes } from '../partners/scopes.ts';
import type { Checks, ProveContext } from './check.ts';

const routeOf = ({ routes }: ProveContext, route: string) => routes.find((one) => one.route === route);
const linksOf = ({ house }: ProveContext) => house.people.accounts.list().flatMap(({ id }) => house.people.partners.given(id));

export const linkingChecks: Checks = {
  B11(context) {
    const imports = linksOf(context).filter(({ kind }) => kind === 'writes');
    const mixed = linksOf(context).filter(({ grant, kind }) => imports.some((one) => one.grant === grant && one.kind !== kind));
    const rows = imports.reduce((sum, one) => sum + one.rows, 0);
    return {
      isKept: routeOf(context, 'post /api/v1/partner/measurements')?.access === 'partner' && imports.every(({ consent }) => consent !== ''),
      evidence: `${imports.length} links for bringing in so far, each with its source, kinds and days, stopped by itself; ${mixed.length} beside a link for reading; ${rows} values came`,
    };
  },
  D7() {
    const selling = scopes.filter((scope) => !/^(read|write):(body|activity|environment|technical)$/.test(scope));
    return {
      isKept: selling.length === 0,
      evidence: `the only kinds of link are ${scopes.join(', ')}; for selling, or for who somebody is: ${selling.length}`,
    };
  },
  async E2(context) {
    const { partners } = context.house.people;
    const { status } = await context.ask('GET', '/api/v1/partner/measurements');
    const routes = ['get /oauth/authorize', 'post /oauth/token', 'post /oauth/revoke', 'post /oauth/register'];
    const missing = routes.filter((route) => routeOf(context, route) === undefined);
    const all = linksOf(context);
    const nowMs = context.house.now();
    const late = all.filter(({ stoppedMs, lastMs }) => stoppedMs !== null && (lastMs ?? 0) > stoppedMs);
    return {
      isKept: missing.length === 0 && status === 401 && late.length === 0,
      evidence: `${partners.list().length} partners known, ${all.length} links given, ${all.filter((link) => partners.isOpen(link, nowMs)).length} open; read after its stop: ${late.length}; a partner without a token is answered ${status}`,
    };
  },
  E3(context) {
    const all = linksOf(context);
    const untold = all.filter(({ consent }) => !consent.includes('may protect you less'));
    const ask = routeOf(context, 'post /api/v1/link-requests/{uid}');
    return {
      isKept: untold.length === 0 && ask?.access === 'household' && ask.again === 'always',
      evidence: `policy, region and warning stand above the choice, text ${CONSENT_VERSION}; links given without that text: ${untold.length}; a yes asks again: ${ask?.again ?? 'never'}`,
    };
  },
  async B8(context) {
    const { challenges, accounts } = context.house.people;
    const mine = accounts.list().flatMap(({ id }) => challenges.of(id));
    const friends = [...new Set(mine.map(({ challenge }) => challenge.id))].flatMap((id) =>
      challenges.members(id).filter(({ account }) => account === null),
    );
    // What is kept of a friend, field by field: a count would have to be in one of them.
    const numbers = friends.filter((friend) => Object.keys(friend).some((field) => /step|count|value/i.test(field)));
    const vaults = context.house.store.subjects().filter((subject) => friends.some(({ id }) => id === subject));
    return {
      isKept: numbers.length === 0 && vaults.length === 0,
      evidence: `${friends.length} friends of other hubs take part; numbers kept of them: ${numbers.length}, vaults: ${vaults.length}; each is asked for when somebody looks`,
    };
  },
  async E4(context) {
    const { challenges, accounts } = context.house.people;
    const mine = accounts.list().flatMap(({ id }) => challenges.of(id));
    const nowMs = context.house.now();
    const late = mine.filter(
      ({ challenge, member }) => (member.lastAskedMs ?? 0) > Math.min(challenge.endsMs, member.leftMs ?? Number.POSITIVE_INFINITY),
    );
    const { status } = await context.ask('POST', '/api/v1/challenge-peers/steps');
    return {
      isKept: late.length === 0 && status >= 400 && routeOf(context, 'delete /api/v1/challenges/{id}')?.access === 'household',
      evidence: `${mine.length} times somebody takes or took part, ${mine.filter(({ challenge }) => challenges.isOpen(challenge, nowMs)).length} open; asked after leaving or the end: ${late.length}; a hub without a token is answered ${status}`,
    };
  },
  async E5(context) {
    const { challenges, accounts, key } = context.house.people;
    const mine = accounts.list().flatMap(({ id }) => challenges.of(id));
    let agreed = 0;
    for (const { challenge, member } of mine) if ((await key.check(member.receipt)).text === challenge.terms) agreed++;
    const two = [
      { member: 'a', name: 'a', showsOwn: false, state: 'here', steps: 1 },
      { member: 'b', name: 'b', showsOwn: false, state: 'here', steps: 2 },
    ] as const;
    const seen = standingOf('team', two, 'a');
    const isHidden = seen.sum === null && seen.members.every(({ isYou, steps }) => isYou || steps === null);
    return {
      isKept: agreed === mine.length && isHidden,
      evidence: `${agreed} of ${mine.length} took part by a signed receipt for the very terms; a team of two tells nobody’s number: ${isHidden}`,
    };
  },
  E6() {
    const card = cardSvg({ title: 'a', note: '"/><script>', values: [{ label: 'Steps', value: '1', unit: 'steps' }] });
    const leads = /<(?!\/?(svg|title|rect|text|tspan)\b)|href|https?:(?!\/\/www\.w3\.org\/2000\/svg)/.test(card);
    return {
      isKept: !leads,
      evidence: `a picture of ${card.length} bytes drawn here; it loads or leads anywhere: ${leads}; the hub has no other program’s code for posting`,
    };
  },
};
