/** What is seen of the promises about partners, on the living hub. */
import { CONSENT_VERSION } from '../partners/consent.ts';
import { scopes } from '../partners/scopes.ts';
import type { Checks, ProveContext } from '../prove.ts';

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
};
