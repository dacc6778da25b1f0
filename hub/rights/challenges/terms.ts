/** What a challenge is about, in the words that one agrees to, and what each of its members may see of it. Pure. */
import { createHash } from 'node:crypto';

/** `friends`: each sees each other's count; `team`: the sum alone, unless a member shows theirs. */
export type ChallengeKind = 'friends' | 'team';

export interface Terms {
  readonly name: string;
  readonly kind: ChallengeKind;
  readonly host: string;
  /** What the one who made it adds. */
  readonly words: string;
  /** Steps that end in [fromMs, toMs), UTC milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  /** After this nothing of it crosses any more. */
  readonly endsMs: number;
}

/** To look at the result. */
export const AFTERWARDS_MS = 86_400_000;
const minute = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** The terms in full: what is agreed to is this text, named by its hash. */
export const termsText = ({ name, kind, host, words, fromMs, toMs, endsMs }: Terms): string =>
  [
    `Challenge “${name}” by ${host}.`,
    `One number of yours crosses: how many steps you took from ${minute(fromMs)} to ${minute(toMs)}. It is asked of your hub each time somebody looks, and kept nowhere else; no day, no hour, no place, and nothing else of you goes with it but the name that you choose for it.`,
    kind === 'friends'
      ? 'Every member sees every member’s number.'
      : 'The members see the sum of all. Your own number is seen by you alone, unless you choose to show it; the sum is not shown while it would tell a single number.',
    `You can leave at any time, and are then no longer asked. It ends by itself on ${minute(endsMs)}.`,
    ...(words === '' ? [] : [words]),
  ].join('\n');

export const termsHash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A member as they answered just now. */
export interface Answered {
  readonly member: string;
  readonly name: string;
  readonly showsOwn: boolean;
  /** `left`: takes no part any more; `away`: their hub does not answer. */
  readonly state: 'here' | 'away' | 'left';
  /** Set in state `here`. */
  readonly steps?: number | undefined;
}
export interface Standing {
  readonly members: readonly {
    readonly name: string;
    readonly isYou: boolean;
    readonly state: Answered['state'];
    /** Null: not for this viewer, or not known now. */
    readonly steps: number | null;
  }[];
  /** Null while it would tell a single member's number. */
  readonly sum: number | null;
}

/** What one member may see of all answers. */
export function standingOf(kind: ChallengeKind, answers: readonly Answered[], viewer: string): Standing {
  const isShown = ({ member, showsOwn }: Answered): boolean => kind === 'friends' || showsOwn || member === viewer;
  const here = answers.filter(({ state }) => state === 'here');
  // A sum of what one knows and one number that one does not know tells that number.
  const hidden = here.filter((one) => !isShown(one)).length;
  return {
    members: answers
      .filter(({ state }) => state !== 'left')
      .map((one) => ({
        name: one.name,
        isYou: one.member === viewer,
        state: one.state,
        steps: one.state === 'here' && isShown(one) ? (one.steps ?? 0) : null,
      }))
      .sort((a, b) => (b.steps ?? -1) - (a.steps ?? -1)),
    sum: hidden === 1 ? null : here.reduce((sum, { steps = 0 }) => sum + steps, 0),
  };
}
