import t from 'tap';
import { bedMinutes } from '../../../../firmware/signal/sleep/bed-minutes.ts';
import { countSample, startCounts } from '../../../../firmware/signal/sleep/counts.ts';
import { latencyMin, nightsOf } from '../../../../firmware/signal/sleep/night.ts';
import { nonWearOf } from '../../../../firmware/signal/sleep/non-wear.ts';
import { coleKripke, minutesOf, runsOf, type SleepState, sadeh, websterRescored } from '../../../../firmware/signal/sleep/score.ts';
import { trackerMinute, wakeUpDecision } from '../../../../firmware/signal/sleep/wake-up.ts';
import fc from '../../../property.ts';
import { readVector, readVectorJson, skipWithoutVectors } from '../../../vectors.ts';

const folder = '4-motion/sleep-actilife';
const column = (text: string, name: string): string[] => {
  const [head = '', ...lines] = text.trim().split('\n');
  const at = head.split(',').indexOf(name);
  return lines.map((line) => line.split(',')[at]!);
};
const lettersOf = (states: readonly SleepState[]): string => states.map((state) => (state === 'asleep' ? 'S' : 'W')).join('');

t.test('Sadeh and Cole-Kripke score every minute as ActiLife does', { skip: skipWithoutVectors }, async (t) => {
  const expected = readVector(`${folder}/expected-sadeh-colekripke.csv`);
  const counts = column(readVector(`${folder}/epochs-60s.csv`), 'axis1').map(Number);
  t.equal(lettersOf(sadeh(counts)), column(expected, 'sadeh').join(''), 'Sadeh');
  t.equal(lettersOf(coleKripke(counts)), column(expected, 'cole-kripke').join(''), 'Cole-Kripke');
});

t.test('epochs of 10 s, added up to minutes, are scored the same', { skip: skipWithoutVectors }, async (t) => {
  const expected = readVector(`${folder}/expected-sadeh-colekripke.csv`);
  const tens = column(readVector(`${folder}/epochs-10s.csv.gz`), 'axis1').map(Number);
  const minutes = minutesOf(tens, 10);
  // The record ends within a minute, whose part the vendor counts: the scores that look ahead to it may differ.
  const same = minutes.length - 5;
  t.ok(same > 1400);
  t.equal(lettersOf(sadeh(minutes)).slice(0, same), column(expected, 'sadeh').join('').slice(0, same), 'Sadeh');
  t.equal(lettersOf(coleKripke(minutes)).slice(0, same), column(expected, 'cole-kripke').join('').slice(0, same), 'Cole-Kripke');
});

t.test("Webster's five rules each score short sleep after or within waking as awake", { skip: skipWithoutVectors }, async (t) => {
  const { cases } = readVectorJson<{ cases: { id: string; input_1sleep: number[]; expect_1sleep: number[] }[] }>(
    '4-motion/webster-rescoring.json',
  );
  for (const { id, input_1sleep, expect_1sleep } of cases) {
    const rescored = websterRescored(input_1sleep.map((one) => (one === 1 ? 'asleep' : 'awake')));
    t.same(
      rescored.map((state) => (state === 'asleep' ? 1 : 0)),
      expect_1sleep,
      id,
    );
  }
});

const states = (...runs: [SleepState, number][]): SleepState[] => runs.flatMap(([state, length]) => Array(length).fill(state));

t.test("Webster's rules leave sleep alone that is longer than they say", async (t) => {
  const rescored = websterRescored(
    states(['awake', 3], ['asleep', 1], ['awake', 4], ['asleep', 3], ['awake', 9], ['asleep', 6], ['awake', 9]),
  );
  t.same(
    runsOf(rescored).map(({ state, length }) => `${state} ${length}`),
    ['awake 3', 'asleep 1', 'awake 5', 'asleep 2', 'awake 10', 'asleep 5', 'awake 9'],
  );
});

t.test('rescoring only ever wakes', async () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom<SleepState>('asleep', 'awake'), { maxLength: 200 }), (night) => {
      const rescored = websterRescored(night);
      return rescored.length === night.length && rescored.every((state, at) => state === 'awake' || night[at] === 'asleep');
    }),
  );
});

t.test('nights are found in days of a real wrist, and are nights', { skip: skipWithoutVectors }, async (t) => {
  const { counts } = readVectorJson<{ counts: number[] }>('4-motion/sleep-awd/example_01.json');
  // No labels, and no published factor between an Actiwatch's counts and an ActiGraph's: 20 is of the right size.
  const nights = nightsOf(websterRescored(coleKripke(counts, 20)));
  const days = Math.floor(counts.length / 1440);
  for (let day = 1; day < days - 1; day++) {
    const asleep = nights.filter(({ onset }) => Math.floor(onset / 1440) === day);
    t.ok(asleep.length >= 1 && asleep.length <= 3, `day ${day}: ${asleep.length} nights`);
  }
  t.ok(nights.every(({ asleepMin, awakeMin, onset, end }) => asleepMin + awakeMin === end - onset));
  t.ok(nights.every(({ efficiency }) => efficiency > 60 && efficiency <= 100));
});

t.test('a night begins with five minutes asleep and ends with ten awake; a nap is none', async (t) => {
  const day = states(['awake', 60], ['asleep', 4], ['awake', 3], ['asleep', 200], ['awake', 9], ['asleep', 100], ['awake', 30]);
  const [night, ...others] = nightsOf(day);
  t.same(others, []);
  t.match(night, { onset: 67, end: 376, asleepMin: 300, awakeMin: 9, awakenings: 1, isOver: true });
  t.equal(latencyMin(55, nightsOf(day)), 12);
  t.same(nightsOf(states(['awake', 60], ['asleep', 90], ['awake', 60])), []);
  t.equal(nightsOf(states(['asleep', 400])).at(0)?.isOver, false);
});

t.test('an hour and a half without counts is a tracker on a table, a spike of movement between or not', async (t) => {
  const still = (minutes: number): number[] => Array(minutes).fill(0);
  t.same(nonWearOf([5, ...still(100), 5]), [{ from: 1, to: 101 }]);
  t.same(nonWearOf([5, ...still(60), 9, 9, ...still(40), 5]), [{ from: 1, to: 103 }]);
  t.same(nonWearOf([5, ...still(60), 9, 9, 9, ...still(40), 5]), []);
  t.same(nonWearOf([5, ...still(80), 9, ...still(20), 5]), []);
});

t.test('epochs that do not add up to minutes are refused', async (t) => {
  t.throws(() => minutesOf([1, 2], 7), /epochs of 7 s/);
});

const countsOf = (rateHz: number, seconds: number, g: (s: number) => number): number[] => {
  const state = startCounts(rateHz, 10);
  return Array.from({ length: rateHz * seconds }, (_, at) => countSample(state, g(at / rateHz))).filter((one) => one !== undefined);
};

t.test('lying still counts nothing, whichever way gravity points; walking counts by hundreds', async (t) => {
  for (const rate of [30, 50, 100]) {
    t.same(new Set(countsOf(rate, 60, () => -1)), new Set([0]), `${rate} Hz`);
    const walk = countsOf(rate, 60, (s) => 1 + 0.3 * Math.sin(2 * Math.PI * s));
    t.ok(
      walk.slice(1).every((one) => one > 300 && one < 2500),
      `${rate} Hz: ${walk}`,
    );
  }
});

t.test('the same movement counts nearly the same at any rate', async (t) => {
  const sway = (s: number): number => 0.2 * Math.sin(2 * Math.PI * 0.8 * s);
  const total = (rate: number): number =>
    countsOf(rate, 60, sway)
      .slice(1)
      .reduce((sum, one) => sum + one, 0);
  const reference = total(30);
  for (const rate of [25, 40, 50, 52, 60, 90, 100, 200]) {
    t.ok(Math.abs(total(rate) / reference - 1) < 0.05, `${rate} Hz: ${total(rate)} of ${reference}`);
  }
});

t.test('movement too slow or too quick for a body hardly counts', async (t) => {
  const total = (hz: number): number =>
    countsOf(100, 60, (s) => 0.2 * Math.sin(2 * Math.PI * hz * s))
      .slice(1)
      .reduce((sum, one) => sum + one, 0);
  t.ok(total(0.05) < total(0.8) / 10);
  t.ok(total(9) < total(0.8) / 10);
});

t.test('a kept state counts on where it was', async (t) => {
  const g = (at: number): number => 0.4 * Math.sin(at / 9) + 0.1 * Math.sin(at / 2);
  let state = startCounts(50, 10);
  const whole = startCounts(50, 10);
  const parts: (number | undefined)[] = [];
  const wholes: (number | undefined)[] = [];
  for (let at = 0; at < 3000; at++) {
    if (at === 1234) state = JSON.parse(JSON.stringify(state)) as typeof state;
    parts.push(countSample(state, g(at)));
    wholes.push(countSample(whole, g(at)));
  }
  t.same(parts, wholes);
  t.equal(parts.filter((one) => one !== undefined).length, 6);
});

const setting = { windowStart: 390, setTime: 420 };
const minute = (endedAt: number, counts: number, state: SleepState = 'asleep') => trackerMinute(endedAt, counts, state);

t.test('the alarm wakes at the set time at the latest, with no data, odd data or no clock', async (t) => {
  for (const now of [420, 421, 10_000, Number.NaN])
    t.match(wakeUpDecision(now, setting, []), { kind: 'wake', because: 'it is the set time' });
  t.match(wakeUpDecision(419, setting, []), { kind: 'wait', because: /no movement data/ });
  t.match(wakeUpDecision(419, setting, [minute(300, 500)]), { kind: 'wait', because: /no movement data/ });
  t.equal(wakeUpDecision(420, setting, [minute(Number.NaN, Number.NaN)]).kind, 'wake');
});

t.test('within the window light sleep wakes and stillness waits; before it nothing wakes', async (t) => {
  const still = [396, 397, 398, 399, 400].map((at) => minute(at, 0));
  const stirring = [minute(396, 0), minute(397, 45), minute(398, 0), minute(399, 0), minute(400, 60)];
  t.match(wakeUpDecision(400, setting, still), { kind: 'wait', because: /lying still/ });
  t.match(wakeUpDecision(400, setting, stirring), { kind: 'wake', because: 'light sleep: moved in 2 of the last 5 min' });
  t.match(wakeUpDecision(400, setting, [...still.slice(0, 4), minute(400, 60)]), { kind: 'wait' }, 'one turn is not light sleep');
  t.match(wakeUpDecision(400, setting, [minute(400, 900, 'awake')]), { kind: 'wake', because: /already awake/ });
  t.match(wakeUpDecision(380, setting, [minute(380, 900, 'awake')]), { kind: 'wait', because: 'the window begins in 10 min' });
});

/** A mat's night up to 400: half minutes lain still, but for those named, and a heart that beats at `bpm` a minute. */
const matNight = (moved: Readonly<Record<number, number>>, bpm: (at: number) => number = () => 54) => {
  const halves = Array.from({ length: 80 }, (_, at) => 360.5 + at / 2);
  return {
    movement: halves.slice(-24).map((endedAt) => ({ endedAt, value: moved[endedAt] ?? 0 })),
    occupied: [{ endedAt: 60, value: 1 }],
    heartRate: halves.map((endedAt) => ({ endedAt, value: bpm(endedAt) })),
  };
};

t.test('a bed mat alone shows light sleep: by movement, by a faster heart beside it, by getting up; each in words', async (t) => {
  const at = (night: Parameters<typeof bedMinutes>[0]) => wakeUpDecision(400.2, setting, bedMinutes(night));
  t.match(at(matNight({})), { kind: 'wait', because: 'lying still: deep sleep is likely, says the bed mat' });
  t.match(at(matNight({ 397.5: 0.05, 400: 0.1 })), {
    kind: 'wake',
    because: 'light sleep: moved in 2 of the last 5 min, says the bed mat',
  });
  t.match(at(matNight({ 400: 0.1 })), { kind: 'wait' }, 'one turn is not light sleep');
  const faster = (minutes: number): number => (minutes > 398 ? 61 : 54);
  t.match(at(matNight({}, faster)), { kind: 'wait' }, 'nor is the heart by itself');
  t.match(at(matNight({ 400: 0.1 }, faster)), {
    kind: 'wake',
    because: /moved in 1 of .*the heart beats faster than before, says the bed mat/,
  });
  t.match(at(matNight({ 399.5: 0.6, 400: 0.8 })), { kind: 'wake', because: /already awake/ });
  const up = matNight({});
  t.match(at({ ...up, occupied: [...up.occupied, { endedAt: 400.1, value: 0 }] }), { kind: 'wake', because: /already awake/ });
  t.match(at({ movement: [], occupied: up.occupied, heartRate: up.heartRate }), { kind: 'wait', because: /no movement data/ });
  t.match(
    wakeUpDecision(400.2, setting, [...[398, 399, 400].map((end) => minute(end, 0)), ...bedMinutes(matNight({ 398: 0.1, 400: 0.1 }))]),
    { kind: 'wake', because: /bed mat/ },
    'a tracker left on the table does not hide it',
  );
});
