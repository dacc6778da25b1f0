/** Looking at a challenge: every member is asked now, nothing that they answer is kept. */
import type { Challenge, Challenges, Member } from '../../people/challenges.ts';
import type { Store } from '../../store/store.ts';
import { type AskPeer, newNonce, opened, PeerError } from './peer.ts';
import { stepsOf } from './steps.ts';
import { type Answered, type Standing, standingOf } from './terms.ts';

export interface LookingOptions {
  readonly challenges: Challenges;
  readonly store: Store;
  readonly isAccount: (id: string) => boolean;
  readonly askPeer: AskPeer;
  readonly now: () => number;
}

export interface Looking {
  /** What a member may see of a challenge that this hub runs. */
  standing(challenge: Challenge, viewer: string): Promise<Standing>;
  /** The same of one that another hub runs: that hub is asked. Rejects with PeerError. */
  standingElsewhere(member: Member): Promise<Standing>;
  /** Steps of a person of this hub in the days of a challenge. */
  steps(account: string, challenge: Challenge): number;
}

export function createLooking({ challenges, store, isAccount, askPeer, now }: LookingOptions): Looking {
  const steps: Looking['steps'] = (account, { fromMs, toMs }) =>
    store.subjects().includes(account) ? stepsOf(store.vault(account), fromMs, toMs) : 0;

  const ask = async (member: Member, challenge: Challenge): Promise<Answered> => {
    const { id, name, showsOwn, account, peer, leftMs } = member;
    const answered = { member: id, name, showsOwn };
    if (leftMs !== null || (account !== null && !isAccount(account))) return { ...answered, state: 'left' };
    if (account !== null) {
      challenges.asked(id, now());
      return { ...answered, state: 'here', steps: steps(account, challenge) };
    }
    if (peer === null) return { ...answered, state: 'left' };
    try {
      const nonce = newNonce();
      const from = await askPeer(peer.url, 'steps', { member: peer.member, token: peer.token, nonce });
      const said = opened<{ nonce: string; steps: number }>(from, peer.key, nonce);
      if (!Number.isSafeInteger(said.steps) || said.steps < 0) throw new PeerError('away', 'the other hub gives no number of steps');
      return { ...answered, state: 'here', steps: said.steps };
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      if (error.kind === 'gone') challenges.leave(id, now());
      return { ...answered, state: error.kind === 'gone' ? 'left' : 'away' };
    }
  };

  return {
    steps,
    async standing(challenge, viewer) {
      const answers = await Promise.all(challenges.members(challenge.id).map((member) => ask(member, challenge)));
      return standingOf(challenge.kind, answers, viewer);
    },
    async standingElsewhere({ peer, id }) {
      if (peer === null) throw new PeerError('gone', 'it is over');
      const nonce = newNonce();
      try {
        const from = await askPeer(peer.url, 'standing', { member: peer.member, token: peer.token, nonce });
        return opened<{ nonce: string; standing: Standing }>(from, peer.key, nonce).standing;
      } catch (error) {
        if (error instanceof PeerError && error.kind === 'gone') challenges.leave(id, now());
        throw error;
      }
    },
  };
}
