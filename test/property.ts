/**
 * Property tests whose cases are drawn from one seed, so that a run of `npm test` is what the last one was; `HEARTH_SEED=N` draws others,
 * and a failure names its seed and the smallest case.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.HEARTH_SEED ?? 20_261_125) });

export default fc;
