/**
 * When the hub opens its own set-up hotspot: nobody could reach it otherwise. Pure; the caller looks, opens and closes.
 */

export type SetUp =
  /** A cable or a network is there. */
  | { readonly kind: 'connected' }
  /** NetworkManager may still find a network it knows. */
  | { readonly kind: 'looking'; readonly sinceMs: number }
  | { readonly kind: 'hotspot'; readonly sinceMs: number };

export interface Facts {
  /** A cable, or a network other than the hotspot. */
  readonly isConnected: boolean;
  readonly hasRadio: boolean;
  /** Whether any network is known that could come back. */
  readonly isKnown: boolean;
  readonly isJoining: boolean;
}

/** NetworkManager has joined a known network within this, or there is none to join. */
const FIRST_LOOK_MS = 30_000;
/** A router that restarts is back within this; only then is the household asked. */
const KNOWN_LOOK_MS = 5 * 60_000;
/** A radio that is a hotspot cannot join: with networks known it closes after this to look for them again. */
const KNOWN_HOTSPOT_MS = 10 * 60_000;

export function stepSetUp(state: SetUp, facts: Facts, nowMs: number): readonly [SetUp, 'open' | 'close' | 'none'] {
  if (facts.isJoining) return [state, 'none'];
  if (facts.isConnected || !facts.hasRadio) return [{ kind: 'connected' }, state.kind === 'hotspot' ? 'close' : 'none'];
  switch (state.kind) {
    case 'connected':
      return [{ kind: 'looking', sinceMs: nowMs }, 'none'];
    case 'looking':
      return nowMs - state.sinceMs >= (facts.isKnown ? KNOWN_LOOK_MS : FIRST_LOOK_MS)
        ? [{ kind: 'hotspot', sinceMs: nowMs }, 'open']
        : [state, 'none'];
    case 'hotspot':
      return facts.isKnown && nowMs - state.sinceMs >= KNOWN_HOTSPOT_MS ? [{ kind: 'looking', sinceMs: nowMs }, 'close'] : [state, 'none'];
  }
}
