/**
 * Grants of support (B12): a bundle, sealed to the key of who helps (age, X25519), held by the hub and handed out under a link until the
 * grant ends by itself or by a word. Then the hub's copy is gone: a bundle that nobody fetched can be read by nobody. What was fetched
 * before cannot be called back, and that is said.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { People } from '../../people/people.ts';

export interface Grant {
  readonly id: string;
  readonly problem: string;
  readonly sections: readonly string[];
  /** SHA-256 of the text that was shown before. */
  readonly sha256: string;
  readonly recipient: string;
  readonly endsUtcMs: number;
  readonly endedUtcMs: number | null;
  /** When it left the hub, and how. */
  readonly left: readonly { readonly atUtcMs: number; readonly how: 'link' | 'file' }[];
  readonly tokenHash: string;
}

export class SupportError extends Error {
  override readonly name = 'SupportError';
}

export interface Grants {
  /** Rejects with SupportError when the recipient is no age key. */
  give(
    subject: string,
    text: string,
    grant: Pick<Grant, 'problem' | 'sections' | 'recipient' | 'endsUtcMs'>,
  ): Promise<{ grant: Grant; token: string }>;
  list(subject: string): Grant[];
  /** The sealed bundle; noted as having left. Undefined once the grant ended. */
  take(subject: string, id: string, how: 'link' | 'file'): Uint8Array | undefined;
  /** By a link's token. */
  byToken(token: string): { readonly subject: string; readonly id: string } | undefined;
  end(subject: string, id: string): Grant | undefined;
  /** Ends what ran out. Returns how many. */
  sweep(): number;
}

/** Solving a problem takes days; a month is asked for anew. */
export const MOST_GRANT_DAYS = 30;
const MOST_GRANTS = 200;
const RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/;
const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

export function openGrants(people: Pick<People, 'records' | 'papers' | 'accounts' | 'operations'>, now: () => number): Grants {
  const { records, papers, accounts, operations } = people;
  const all = (subject: string) => records.list<Grant>(subject, 'support', MOST_GRANTS);
  const isOpen = ({ endsUtcMs, endedUtcMs }: Grant): boolean => endedUtcMs === null && endsUtcMs > now();
  const find = (subject: string, id: string) => all(subject).find(({ body }) => body.id === id);
  const end = (subject: string, id: string): Grant | undefined => {
    const kept = find(subject, id);
    papers.remove(subject, `${id}.age`);
    if (kept === undefined || kept.body.endedUtcMs !== null) return kept?.body;
    const ended = { ...kept.body, endedUtcMs: Math.round(Math.min(now(), kept.body.endsUtcMs)) };
    records.replace(subject, kept.number, ended);
    operations.append({ kind: 'support-ended', actor: 'hub', subject, detail: { grant: id, left: ended.left.length } });
    return ended;
  };

  return {
    async give(subject, text, { problem, sections, recipient, endsUtcMs }) {
      if (!RECIPIENT.test(recipient))
        throw new SupportError(`'${recipient}' is no key of support: it begins with age1 and has 62 characters`);
      const { Encrypter, armor } = await import('age-encryption');
      const encrypter = new Encrypter();
      try {
        encrypter.addRecipient(recipient);
      } catch (error) {
        throw new SupportError(`'${recipient}' is no key of support (${error instanceof Error ? error.message : error}): copy it again`);
      }
      const sealed = armor.encode(await encrypter.encrypt(text));
      const id = randomBytes(9).toString('hex');
      const token = randomBytes(24).toString('base64url');
      const sha256 = createHash('sha256').update(text).digest('hex');
      const grant: Grant = {
        id,
        problem,
        sections: [...sections],
        sha256,
        recipient,
        endsUtcMs: Math.round(endsUtcMs),
        endedUtcMs: null,
        left: [],
        tokenHash: hashOf(token),
      };
      papers.write(subject, `${id}.age`, sealed);
      records.add(subject, 'support', grant, now());
      return { grant, token };
    },
    list: (subject) => all(subject).map(({ body }) => body),
    take(subject, id, how) {
      const kept = find(subject, id);
      if (kept === undefined || !isOpen(kept.body)) return undefined;
      const sealed = papers.read(subject, `${id}.age`);
      if (sealed === undefined) return undefined;
      records.replace(subject, kept.number, { ...kept.body, left: [...kept.body.left, { atUtcMs: Math.round(now()), how }] });
      return Buffer.from(sealed);
    },
    byToken(token) {
      const hash = hashOf(token);
      for (const { id: subject } of accounts.list())
        for (const { body } of all(subject)) if (body.tokenHash === hash && isOpen(body)) return { subject, id: body.id };
      return undefined;
    },
    end,
    sweep() {
      let ended = 0;
      for (const { id: subject } of accounts.list())
        for (const { body } of all(subject))
          if (body.endedUtcMs === null && !isOpen(body)) {
            end(subject, body.id);
            ended++;
          }
      return ended;
    },
  };
}

/** What can be said of a grant that ended. */
export const endWords = ({ left }: Grant): string =>
  left.length === 0
    ? 'It never left the hub, and the hub’s copy is gone: nobody can read it any more.'
    : `It left the hub ${left.length === 1 ? 'once' : `${left.length} times`} before it ended. The hub’s copy is gone; whoever has one and the key can still read it: ask them to delete it.`;
