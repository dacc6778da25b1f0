/**
 * Nights found in minutes scored asleep or awake, and what is said of each.
 * Source: Tudor-Locke et al., Appl Physiol Nutr Metab 39 (2014) 53-57: it begins with five minutes asleep in a row and ends with ten
 * awake in a row; shorter than 160 minutes is a nap.
 */
import { runsOf, type SleepState } from './score.ts';

export interface NightLimits {
  readonly toBeginMin: number;
  readonly toEndMin: number;
  readonly leastMin: number;
  readonly mostMin: number;
}
export const nightLimits: NightLimits = { toBeginMin: 5, toEndMin: 10, leastMin: 160, mostMin: 1440 };

/** Minutes counted from the first that was given. */
export interface Night {
  /** First minute asleep. */
  readonly onset: number;
  /** First minute of the final waking, or one past the last minute given. */
  readonly end: number;
  readonly asleepMin: number;
  readonly awakeMin: number;
  readonly awakenings: number;
  /** Asleep of the whole, %. */
  readonly efficiency: number;
  /** Whether the person was up at the end, or the record ended first. */
  readonly isOver: boolean;
}

export function nightsOf(states: readonly SleepState[], limits: NightLimits = nightLimits): Night[] {
  const nights: Night[] = [];
  let onset: number | undefined;
  const close = (end: number, isOver: boolean): void => {
    if (onset !== undefined && end - onset >= limits.leastMin && end - onset <= limits.mostMin)
      nights.push(nightOf(states, onset, end, isOver));
    onset = undefined;
  };
  for (const { state, from, length } of runsOf(states)) {
    if (onset === undefined && state === 'asleep' && length >= limits.toBeginMin) onset = from;
    else if (onset !== undefined && state === 'awake' && length >= limits.toEndMin) close(from, true);
  }
  close(states.length, false);
  return nights;
}

function nightOf(states: readonly SleepState[], onset: number, end: number, isOver: boolean): Night {
  const minutes = states.slice(onset, end);
  const asleepMin = minutes.filter((state) => state === 'asleep').length;
  const awakenings = runsOf(minutes).filter(({ state }) => state === 'awake').length;
  return {
    onset,
    end,
    asleepMin,
    awakeMin: minutes.length - asleepMin,
    awakenings,
    efficiency: (100 * asleepMin) / minutes.length,
    isOver,
  };
}

/** Minutes from lying down to the onset of the night that follows; undefined when none does. */
export function latencyMin(lights: number, nights: readonly Night[]): number | undefined {
  const next = nights.find(({ end }) => end > lights);
  return next === undefined ? undefined : Math.max(0, next.onset - lights);
}
