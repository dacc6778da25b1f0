/** A step tracker: an accelerometer and the steps of whoever wears it. */
import { type MotionRow, motionChips } from '../chips/registry.ts';
import { monotonicMs } from '../protocol/time.ts';
import type { TrackerDevice } from '../rig.ts';
import { effortOf } from '../signal/steps/gait.ts';
import { createStepCounter, magnitudeOf, type StepWindow } from '../signal/steps.ts';
import { createActigraph } from './actigraph.ts';
import { type DeviceProgram, LIVE_EVERY_MS } from './device.ts';
import { createHealth, healthQuantities } from './health.ts';
import { openChip } from './open-chip.ts';
import { createRawCapture } from './raw-capture.ts';
import { createSampleClock } from './sample-clock.ts';

/**
 * Read over johnny-five's I2C and not with its Accelerometer component: that one polls the newest sample at Firmata's sampling
 * interval, which jitters with the line, while the chip's FIFO keeps its own exact rate.
 */
const FETCH_MS = 250;
/** Steps are reported for spans of ten seconds in which somebody walked. */
const SPAN_MS = 10_000;
/** No sample for so long: the chip has lost its supply or its setting. */
const SILENT_MS = 5000;

export function createTracker(device: TrackerDevice): DeviceProgram {
  const row: MotionRow = motionChips[device.accelerometer.chip];
  return {
    id: device.id,
    kind: 'tracker',
    name: device.name,
    quantities: ['steps', 'distance', 'active_energy', 'cadence', 'activity_counts', ...healthQuantities],
    async run({ board, clock, measured, live, status, samples: raw, signal }) {
      const around = { clock, air: () => undefined, pressureHpa: () => undefined };
      const { chip, close } = await openChip(row, device.accelerometer, board, around);
      try {
        status({ state: 'running', message: '' });
        const counter = createStepCounter();
        const actigraph = createActigraph(chip.rateHz);
        const capture = raw === undefined ? undefined : createRawCapture(['x', 'y', 'z'], chip.rateHz, raw);
        const times = createSampleClock(chip.rateHz, clock.monotonic());
        const health = createHealth(clock.monotonic(), chip.rateHz, () => board.isSupplyLow());
        let spanFromMs: number = clock.monotonic();
        let heardAtMs: number = clock.monotonic();
        let walked = nothingWalked;
        let shown = -1;
        let shownAtMs = Number.NEGATIVE_INFINITY;
        /** What was walked in the span that ends at `endMs`. */
        const closeSpan = (endMs: number, fromNextMs: number): void => {
          const whole = Math.round(walked.steps);
          const span = { at: monotonicMs(endMs), spanMs: Math.round(endMs - spanFromMs) };
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
          spanFromMs = fromNextMs;
        };

        while (!signal.aborted) {
          const { samples, isFull } = await chip.read();
          const at = clock.monotonic();
          const batch = times.place(samples.length, at, isFull);
          if (batch.missed > 0) {
            health.missed(batch.missed);
            // What lies between is unknown: the span ends where the samples did, and the next begins with the new ones.
            closeSpan(batch.gapFromMs, batch.atMs[0] ?? at);
          }
          if (samples.length > 0) heardAtMs = at;
          else if (at - heardAtMs > SILENT_MS)
            throw new Error(`${device.accelerometer.chip} gave no sample for ${SILENT_MS / 1000} s: check its supply and its wires`);
          health.samples(samples.length, at);
          for (const [index, sample] of samples.entries()) {
            capture?.push(batch.atMs[index]!, sample);
            if (sample.some((g) => Math.abs(g) >= chip.rangeG * 0.995)) health.saturated();
            for (const window of counter.push(batch.atMs[index]!, magnitudeOf(sample))) walked = walkedOn(walked, window);
            const minute = actigraph.push(batch.atMs[index]!, sample);
            if (minute !== undefined)
              measured([{ quantity: 'activity_counts', value: minute.counts, at: monotonicMs(minute.atMs), spanMs: 60_000 }]);
          }
          const report = health.due(at);
          if (report !== undefined) {
            measured(report.readings);
            status({ state: 'running', message: report.message });
          }
          if (at - spanFromMs >= SPAN_MS) closeSpan(at, at);
          const now = Math.max(0, Math.round(walked.steps));
          if (now !== shown && at - shownAtMs >= LIVE_EVERY_MS) {
            shown = now;
            shownAtMs = at;
            live([{ quantity: 'steps', value: now, at, spanMs: Math.round(at - spanFromMs) }]);
          }
          await clock.sleep(FETCH_MS, signal).catch(() => undefined);
        }
      } finally {
        await close();
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
