/**
 * Who agreed that whoever watches the camera hears the room. A microphone hears everybody, so everybody who lives here has to say yes, each
 * by themselves, and one who takes it back ends it; one who moves in has not said yes yet.
 */
import type { Account, Accounts } from './accounts.ts';
import type { Choices } from './choices.ts';
import type { Policy } from './policy.ts';

export const LIVE_SOUND = 'live-sound';

export interface LiveSoundConsents {
  /** Each who lives here, and since when they agree, UTC milliseconds; undefined: they do not. */
  list(): readonly { readonly account: Account; readonly sinceUtcMs: number | undefined }[];
  /** Everybody agrees, and the household's policy names it. Nobody is no household: before the hub is claimed there is no sound. */
  readonly isAgreed: boolean;
  /** Whether the household's policy names it: what it does not name is not done. */
  readonly isNamed: boolean;
  set(person: string, isAgreed: boolean, nowUtcMs: number): void;
}

export function openLiveSound(accounts: Pick<Accounts, 'list'>, choices: Choices, policy: Pick<Policy, 'current'>): LiveSoundConsents {
  const list: LiveSoundConsents['list'] = () =>
    accounts
      .list()
      .filter(({ role }) => role === 'owner' || role === 'member')
      .map((account) => ({ account, sinceUtcMs: choices.get(account.id, 'purpose', LIVE_SOUND)?.atUtcMs }));
  const isNamed = (): boolean => policy.current().purposes.some(({ id }) => id === LIVE_SOUND);
  return {
    list,
    get isAgreed() {
      const all = list();
      return isNamed() && all.length > 0 && all.every(({ sinceUtcMs }) => sinceUtcMs !== undefined);
    },
    get isNamed() {
      return isNamed();
    },
    set(person, isAgreed, nowUtcMs) {
      if (isAgreed) choices.set(person, 'purpose', LIVE_SOUND, true, nowUtcMs);
      else choices.unset(person, 'purpose', LIVE_SOUND);
    },
  };
}
