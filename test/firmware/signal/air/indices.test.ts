import t from 'tap';
import { type Gas, ppbToUgM3, ugM3ToPpb } from '../../../../firmware/signal/air/conversion.ts';
import { corrected, epaPm25 } from '../../../../firmware/signal/air/corrections.ts';
import { type EuropeanPollutant, europeanAqi, europeanOverall, type Place } from '../../../../firmware/signal/air/european-aqi.ts';
import { absoluteHumidity, dewPoint } from '../../../../firmware/signal/air/humidity.ts';
import { nowCast } from '../../../../firmware/signal/air/nowcast.ts';
import { type UkPollutant, ukDaqi } from '../../../../firmware/signal/air/uk-daqi.ts';
import { type UsPollutant, usAqi } from '../../../../firmware/signal/air/us-aqi.ts';
import { type WhoPeriod, type WhoPollutant, type WhoTarget, whoGuideline } from '../../../../firmware/signal/air/who-guideline.ts';
import fc from '../../../property.ts';
import { readVectorJson, skipWithoutVectors } from '../../../vectors.ts';

const folder = '6-air-quality-indices';
const pollutantOf = (name: string): string => name.toLowerCase().replace('.', '_');
const wordsOf = (name: string): string => name.replaceAll('-', ' ').replace('for sensitive', 'for sensitive groups');

t.test('the US index equals the table in force, digit by digit', { skip: skipWithoutVectors }, async (t) => {
  const file = readVectorJson<{
    cases: { pollutant: string; conc: number; aqi: number; category: string }[];
    upstream_tests: { id: string; pollutant: string; conc: number; expect: { aqi?: number; category?: string } }[];
  }>(`${folder}/us-epa-aqi-2024.json`);
  for (const { pollutant, conc, aqi, category } of file.cases) {
    const got = usAqi(pollutantOf(pollutant) as UsPollutant, conc);
    t.ok(got.kind === 'index' && got.index === aqi && wordsOf(got.category) === category.toLowerCase(), `${pollutant} ${conc}: ${aqi}`);
  }
  const means: Record<string, UsPollutant> = { 'PM2.5': 'pm2_5_24h_ugm3', O3_8h: 'o3_8h_ppm' };
  for (const { id, pollutant, conc, expect } of file.upstream_tests) {
    const got = usAqi(means[pollutant]!, conc);
    if (got.kind === 'none') t.fail(`${id}: ${got.message}`);
    else {
      if (expect.aqi !== undefined) t.equal(got.index, expect.aqi, id);
      if (expect.category !== undefined) t.equal(wordsOf(got.category), expect.category.toLowerCase(), id);
    }
  }
});

t.test('an hour of ozone below its table has no US index, and 900 ug/m3 of particles is beyond it', async (t) => {
  t.match(usAqi('o3_1h_ppm', 0.1), { kind: 'none', message: /below 0.125/ });
  t.match(usAqi('so2_1h_ppb', 400), { kind: 'none', message: /above 304/ });
  t.same(usAqi('pm2_5_24h_ugm3', 900), { kind: 'index', index: 500, category: 'hazardous', beyond: true });
  t.equal(usAqi('pm2_5_24h_ugm3', Number.NaN).kind, 'none');
  t.match(usAqi('pm2_5_24h_ugm3', 12, '2013'), { index: 50 });
  t.match(usAqi('pm2_5_24h_ugm3', 12), { index: 56 });
});

t.test('more of a pollutant never gives a lower US index', async () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 700, noNaN: true }), fc.double({ min: 0, max: 50, noNaN: true }), (low, more) => {
      const [a, b] = [usAqi('pm2_5_24h_ugm3', low), usAqi('pm2_5_24h_ugm3', low + more)];
      return a.kind === 'index' && b.kind === 'index' && a.index <= b.index;
    }),
  );
});

t.test('NowCast follows the newest hours', { skip: skipWithoutVectors }, async (t) => {
  for (const { hours, expect } of readVectorJson<{ cases: { hours: (number | null)[]; expect: number | null }[] }>(
    `${folder}/us-epa-nowcast.json`,
  ).cases) {
    const got = nowCast(hours);
    if (expect === null) t.equal(got, undefined);
    else t.ok(Math.abs(got! - expect) < 1e-5, `${got} is not ${expect}`);
  }
});

t.test('NowCast says nothing when two of the newest three hours are missing', async (t) => {
  t.equal(nowCast([12, null, null, 10, 10, 10]), undefined);
  t.equal(nowCast([]), undefined);
  t.equal(nowCast([0, 0, 0]), 0);
});

t.test('the European index equals the bands used until 2024', { skip: skipWithoutVectors }, async (t) => {
  type Case = { pollutant: string; ugm3: number; level: number; name?: string };
  type Station = Partial<Record<Place, Record<string, number>>> & { level?: number; dominant?: string; error?: string };
  const file = readVectorJson<{ cases: Case[]; upstream_tests: (Case | Station)[] }>(`${folder}/eu-eaqi-2017-2024-bands.json`);
  for (const one of [...file.cases, ...file.upstream_tests]) {
    if ('pollutant' in one) {
      const got = europeanAqi(pollutantOf(one.pollutant) as EuropeanPollutant, one.ugm3, '2017');
      t.equal(got?.level, one.level, `${one.pollutant} ${one.ugm3}`);
      if (one.name !== undefined) t.equal(got?.name, one.name.toLowerCase().replace(' ', '-'));
    } else {
      const place = one.roadside === undefined ? 'background' : 'roadside';
      const values = Object.fromEntries(Object.entries(one[place]!).map(([name, value]) => [pollutantOf(name), value]));
      const got = europeanOverall(values, place, '2017');
      if (one.error !== undefined) t.ok(got.kind === 'none' && got.message.includes(one.error), JSON.stringify(got));
      else t.same(got, { kind: 'index', level: one.level, dominant: pollutantOf(one.dominant!) });
    }
  }
});

t.test('the stricter European bands of 2024 call 20 ug/m3 of PM2.5 moderate', async (t) => {
  t.equal(europeanAqi('pm2_5', 20, '2024')?.name, 'moderate');
  t.equal(europeanAqi('pm2_5', 141, '2024')?.level, 6);
  t.equal(europeanAqi('pm2_5', -1, '2024'), undefined);
});

t.test('UK index, WHO guidelines and gas conversions equal the published ones', { skip: skipWithoutVectors }, async (t) => {
  const file = readVectorJson<{
    uk_daqi: { pollutant: string; ugm3: number; band: number; category: string }[];
    who: { pollutant: string; period: string; target: string; value: number; meets: boolean; ratio?: number; guideline?: number }[];
    ppb_to_ugm3_25C: { gas: string; ppb: number; lo: number; hi: number }[];
  }>(`${folder}/uk-daqi-who-conversions.json`);
  for (const { pollutant, ugm3, band, category } of file.uk_daqi) {
    const got = ukDaqi(pollutantOf(pollutant) as UkPollutant, ugm3);
    t.same(got, { index: band, band: category.toLowerCase().replace(' ', '-') }, `${pollutant} ${ugm3}`);
  }
  for (const { pollutant, period, target, value, meets, ratio, guideline } of file.who) {
    const wanted = (target === 'AQG' ? 'guideline' : target.toLowerCase().replace('it', 'interim')) as WhoTarget;
    const got = whoGuideline(pollutantOf(pollutant) as WhoPollutant, period as WhoPeriod, value, wanted);
    t.equal(got?.meets, meets, `${pollutant} ${period} ${value}`);
    if (ratio !== undefined) t.ok(Math.abs(got!.ratio - ratio) < 1e-6);
    if (guideline !== undefined) t.equal(got?.limit, guideline);
  }
  for (const { gas, ppb, lo, hi } of file.ppb_to_ugm3_25C) {
    const got = ppbToUgM3(gas.toLowerCase() as Gas, ppb);
    t.ok(got >= lo && got <= hi, `${gas}: ${got}`);
    t.ok(Math.abs(ugM3ToPpb(gas.toLowerCase() as Gas, got) - ppb) < 1e-9);
  }
});

t.test('the EPA correction takes humid days down, joins its parts without a step, and needs the humidity', async (t) => {
  t.ok(Math.abs(epaPm25(40, 50) - (0.524 * 40 - 0.0862 * 50 + 5.75)) < 1e-12);
  t.ok(epaPm25(40, 90) < epaPm25(40, 30));
  t.equal(epaPm25(0, 100), 0);
  for (const border of [570, 611]) t.ok(Math.abs(epaPm25(border - 1e-6, 50) - epaPm25(border + 1e-6, 50)) < 3, `at ${border}`);
  for (const humidity of [undefined, Number.NaN, -1, 101])
    t.equal(corrected(40, { kind: 'epa-humidity' }, humidity === undefined ? {} : { humidity }), undefined);
  t.equal(corrected(40, { kind: 'offset', offset: -50 }), 0);
  t.equal(corrected(40, { kind: 'none' }), 40);
});

t.test('saturated air has its dew point at its temperature, and air at 20 degrees holds 17.3 g of water', async (t) => {
  t.ok(Math.abs(dewPoint(20, 100)! - 20) < 1e-9);
  t.ok(Math.abs(dewPoint(20, 50)! - 9.3) < 0.1);
  t.ok(Math.abs(absoluteHumidity(20, 100) - 17.3) < 0.1);
  t.equal(dewPoint(20, 0), undefined);
});
