/** A step tracker: an ADXL345 and the steps of whoever wears it. */
import { openAdxl345 } from '../chips/adxl345.ts';
import type { TrackerDevice } from '../rig.ts';
import { effortOf } from '../signal/steps/gait.ts';
import { createStepCounter, magnitudeOf, type StepWindow } from '../signal/steps.ts';
import { type DeviceProgram, LIVE_EVERY_MS } from './device.ts';

/**
 * Read over johnny-five's I2C and not with its Accelerometer component: that one polls the newest sample at Firmata's sampling
 * interval, which jitters with the line, while the chip's FIFO keeps its own exact rate.
 */
const RATE_HZ = 50;
/** Fetch half a FIFO at a time: late by one fetch, nothing is lost. */
const FETCH_MS = 250;
/** Steps are reported for spans of ten seconds in which somebody walked. */
const SPAN_MS = 10_000;

export function createTracker(device: TrackerDevice): DeviceProgram {
  return {
    id: device.id,
    kind: 'tracker',
    name: device.name,
    quantities: ['steps', 'distance', 'active_energy', 'cadence'],
    async run({ bus, clock, measured, live, status, signal }) {
      const chip = await openAdxl345(bus, RATE_HZ);
      status({ state: 'running', message: '' });
      const counter = createStepCounter();
      let sampledToMs: number = clock.monotonic();
      let spanFromMs: number = clock.monotonic();
      let walked = nothingWalked;
      let shown = -1;
      let shownAtMs = Number.NEGATIVE_INFINITY;
      while (!signal.aborted) {
        const { samples, isFull } = await chip.read();
        const at = clock.monotonic();
        // The chip's clock spaces the samples; ours says where they end. After a full FIFO the gap shows as one.
        if (isFull || at - sampledToMs > 2000) sampledToMs = at - (samples.length * 1000) / RATE_HZ;
        for (const sample of samples) {
          sampledToMs += 1000 / RATE_HZ;
          for (const window of counter.push(sampledToMs, magnitudeOf(sample))) walked = walkedOn(walked, window);
        }
        if (at - spanFromMs >= SPAN_MS) {
          const whole = Math.round(walked.steps);
          const span = { at, spanMs: Math.round(at - spanFromMs) };
          if (whole > 0) {
            measured([
              { quantity: 'steps', value: whole, ...span },
              { quantity: 'distance', value: walked.distanceM, ...span },
              { quantity: 'active_energy', value: walked.activeKcal, ...span },
              { quantity: 'cadence', value: walked.steps / walked.minutes, ...span },
            ]);
            // What is less than a step is carried on, so that rounding never adds up.
            walked = { ...nothingWalked, steps: walked.steps - whole };
          }
          spanFromMs = at;
        }
        const now = Math.max(0, Math.round(walked.steps));
        if (now !== shown && at - shownAtMs >= LIVE_EVERY_MS) {
          shown = now;
          shownAtMs = at;
          live([{ quantity: 'steps', value: now, at, spanMs: Math.round(at - spanFromMs) }]);
        }
        await clock.sleep(FETCH_MS, signal).catch(() => undefined);
      }
    },
  };
}

/** What was walked and not yet reported. */
interface Walked {
  readonly steps: number;
  readonly distanceM: number;
  readonly activeKcal: number;
  readonly minutes: number;
}
const nothingWalked: Walked = { steps: 0, distanceM: 0, activeKcal: 0, minutes: 0 };

/** Who wears it is not known here: distance and energy are those of a usual grown person. */
function walkedOn({ steps, distanceM, activeKcal, minutes }: Walked, window: StepWindow): Walked {
  const effort = effortOf(window.steps, window.cadence);
  return {
    steps: steps + window.steps,
    distanceM: distanceM + effort.distanceM,
    activeKcal: activeKcal + effort.activeKcal,
    minutes: minutes + window.spanMs / 60_000,
  };
}
