/** A step tracker: an ADXL345 and the steps of whoever wears it. */
import { openAdxl345 } from '../chips/adxl345.ts';
import type { TrackerDevice } from '../rig.ts';
import { createStepCounter, magnitudeOf } from '../signal/steps.ts';
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
    quantities: ['steps'],
    async run({ bus, clock, measured, live, status, signal }) {
      const chip = await openAdxl345(bus, RATE_HZ);
      status({ state: 'running', message: '' });
      const counter = createStepCounter();
      let sampledToMs: number = clock.monotonic();
      let spanFromMs: number = clock.monotonic();
      let pending = 0;
      let shown = -1;
      let shownAtMs = Number.NEGATIVE_INFINITY;
      while (!signal.aborted) {
        const { samples, isFull } = await chip.read();
        const at = clock.monotonic();
        // The chip's clock spaces the samples; ours says where they end. After a full FIFO the gap shows as one.
        if (isFull || at - sampledToMs > 2000) sampledToMs = at - (samples.length * 1000) / RATE_HZ;
        for (const sample of samples) {
          sampledToMs += 1000 / RATE_HZ;
          for (const { steps } of counter.push(sampledToMs, magnitudeOf(sample))) pending += steps;
        }
        if (at - spanFromMs >= SPAN_MS) {
          const whole = Math.round(pending);
          // What is less than a step is carried on, so that rounding never adds up.
          if (whole > 0) measured([{ quantity: 'steps', value: whole, at, spanMs: Math.round(at - spanFromMs) }]);
          pending -= whole;
          spanFromMs = at;
        }
        if (Math.round(pending) !== shown && at - shownAtMs >= LIVE_EVERY_MS) {
          shown = Math.round(pending);
          shownAtMs = at;
          live([{ quantity: 'steps', value: Math.max(0, shown), at, spanMs: Math.round(at - spanFromMs) }]);
        }
        await clock.sleep(FETCH_MS, signal).catch(() => undefined);
      }
    },
  };
}
