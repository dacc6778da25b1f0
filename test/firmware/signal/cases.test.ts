/**
 * Which recorded case is held against what, so that none is forgotten: every file of the folders about bodies, motion, loads and air is
 * named here with the test that reads it, and every recording that is not met is named with the reason.
 */
import { readdirSync } from 'node:fs';
import t from 'tap';
import { createStepCounter } from '../../../firmware/signal/steps.ts';
import { skipWithoutVectors, vectorPath } from '../../vectors.ts';
import { wristRecordings } from './motion.ts';

/** Beginnings of file names, and the test that holds them. */
const held: Readonly<Record<string, readonly (readonly [begins: string, by: string])[]>> = {
  '3-body-composition': [
    ['body-comp-helpers', 'body-composition/formulas.test.ts: profile estimates'],
    ['mi-fit', 'body-composition/formulas.test.ts'],
    ['openscale.', 'body-composition/formulas.test.ts: fails for a formula that it does not know'],
  ],
  '4-motion': [
    ['oxford-steps', 'steps.test.ts, bench signal/steps'],
    ['wrist-steps.', 'steps.test.ts, bench signal/steps, and below'],
    ['sleep-actilife', 'sleep/sleep.test.ts, bench signal/agreement'],
    ['sleep-awd', 'sleep/sleep.test.ts: no labels, nights are found'],
    ['webster-rescoring', 'sleep/sleep.test.ts'],
  ],
  '5-serial-sensors/standing-force': [
    ['control-', 'weigh.test.ts, bed.test.ts, bench signal/weigh'],
    ['manifest', 'names the others'],
  ],
  '5-serial-sensors/loadcell-hive': [
    ['raw', 'calibration.test.ts, bench signal/weigh'],
    ['cleaned', "not held: the owner's cleaning by hand is no truth; the raw file is fitted robustly instead"],
    ['provenance', 'says where the others are from'],
  ],
  '6-air-quality-indices': [
    ['eu-', 'air/indices.test.ts'],
    ['uk-', 'air/indices.test.ts'],
    ['us-', 'air/indices.test.ts'],
    ['sensirion-', 'air/gas-index.test.ts: equal, but for the sequence of the fixed-point version, within 1'],
  ],
};

/** Kinds of wrist recordings whose steps are not met, and why. */
const notMet: Readonly<Record<string, string>> = {
  'slow-walking': '0.7 to 0.9 steps a second with turns: the rhythm is often too short to be told from handling things',
  dishwasher: '14 to 18 single steps between movements of the hands: no rhythm lasts, so none is counted',
  dressing: 'six steps while dressing: none is counted',
};

for (const [folder, names] of Object.entries(held)) {
  t.test(`every file of ${folder} is held by a test or named with its reason`, { skip: skipWithoutVectors }, async (t) => {
    const files = readdirSync(vectorPath(folder));
    t.same(
      files.filter((file) => !names.some(([begins]) => file.startsWith(begins))),
      [],
    );
  });
}

t.test('each watch recording is met within a fifth, or named with its reason', { skip: skipWithoutVectors }, async (t) => {
  const missed: string[] = [];
  for (const { id, activity, atMs, g, steps: truth } of wristRecordings()) {
    const counter = createStepCounter();
    let steps = 0;
    for (let at = 0; at < atMs.length; at++) for (const window of counter.push(atMs[at]!, g[at]!)) steps += window.steps;
    for (const window of counter.finish()) steps += window.steps;
    if (Math.abs(steps - truth) <= Math.max(12, 0.2 * truth)) continue;
    const reason = Object.entries(notMet).find(([kind]) => activity.startsWith(kind))?.[1];
    missed.push(`${id}: ${steps.toFixed(0)} of ${truth}`);
    t.comment(`${missed.at(-1)}: ${reason ?? 'turns and pauses break the rhythm'}`);
  }
  // A walker who turns all the time loses some of it: of fast and usual walks not more than one in six is further off.
  const walks = wristRecordings().filter(({ activity }) => /^(fast|normal)-walking/.test(activity)).length;
  t.ok(missed.filter((one) => /\/(fast|normal)-walking/.test(one)).length <= Math.ceil(walks / 6), missed.join('; '));
});
