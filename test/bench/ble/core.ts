/** Rates for each second of one core: a machine that does other things beside does not count. */
const RUN_S = 0.5;
const WARM_UP = 100_000;
/** Calls between two looks at the clock. */
const BATCH = 20_000;

/** Seconds of a core that this process has used. */
export function coreSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Calls of `once`, given a running index, for each second of one core. */
export function coreRate(once: (index: number) => unknown): number {
  for (let index = 0; index < WARM_UP; index++) once(index);
  const begin = coreSeconds();
  let calls = 0;
  while (coreSeconds() - begin < RUN_S) {
    for (let index = 0; index < BATCH; index++) once(index);
    calls += BATCH;
  }
  return calls / (coreSeconds() - begin);
}
