/**
 * Minutes in which nobody wore the tracker: a thing on a table sleeps better than anybody.
 * Source: Choi et al., Med Sci Sports Exerc 43 (2011) 357-364: 90 minutes without counts, in which up to two minutes of movement are let
 * pass when half an hour before and after is still.
 */

const LEAST_MIN = 90;
const SPIKE_MIN = 2;
const STILL_AROUND_SPIKE_MIN = 30;

export interface Span {
  /** First minute. */
  readonly from: number;
  /** One past the last. */
  readonly to: number;
}

export function nonWearOf(counts: readonly number[]): Span[] {
  const still = zeroRuns(counts);
  const spans: { from: number; to: number }[] = [];
  let last: { from: number; to: number } | undefined;
  for (const run of still) {
    const isSpike =
      last !== undefined &&
      run.from - last.to <= SPIKE_MIN &&
      run.to - run.from >= STILL_AROUND_SPIKE_MIN &&
      // Half an hour before the spike must be still too: the run that ended there, not the joined span.
      lastStill(still, run) >= STILL_AROUND_SPIKE_MIN;
    if (isSpike) last!.to = run.to;
    else {
      last = { ...run };
      spans.push(last);
    }
  }
  return spans.filter(({ from, to }) => to - from >= LEAST_MIN);
}

function zeroRuns(counts: readonly number[]): Span[] {
  const runs: { from: number; to: number }[] = [];
  for (const [at, count] of counts.entries()) {
    if (count !== 0) continue;
    const last = runs.at(-1);
    if (last?.to === at) last.to = at + 1;
    else runs.push({ from: at, to: at + 1 });
  }
  return runs;
}

const lastStill = (runs: readonly Span[], run: Span): number => {
  const before = runs[runs.indexOf(run) - 1];
  return before === undefined ? 0 : before.to - before.from;
};
