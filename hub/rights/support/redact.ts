/**
 * Takes out of a text what says who and where: names that the hub knows, addresses of people and machines, secrets, folders of users.
 * Pure. The same thing gets the same stand-in within one bundle, so that one can still tell two of them apart.
 */

export interface Redactor {
  /** The text without what identifies. */
  text(text: string): string;
  /** A stand-in for an id: `device-1`, `person-a`. */
  standIn(kind: string, id: string): string;
}

interface Pattern {
  readonly kind: string;
  readonly pattern: RegExp;
}

/** In this order: what is longer first, so that no half of it stays. */
const patterns: readonly Pattern[] = [
  { kind: 'url', pattern: /\b[a-z][a-z0-9+.-]{1,10}:\/\/[^\s"'<>,;)]+/gi },
  // The characters of an address: RFC 5322, 3.2.3.
  { kind: 'e-mail', pattern: /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu },
  // JWTs, bearer tokens, keys: nothing that one reads has 24 such characters in a row with a digit among them.
  { kind: 'secret', pattern: /(?=[A-Za-z0-9_+/=-]*\d)[A-Za-z0-9_+/=-]{24,}(?:\.[A-Za-z0-9_+/=-]{8,})*/g },
  { kind: 'mac', pattern: /\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b/gi },
  { kind: 'address', pattern: /(?<![\w:.])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,7}(?![\w:])|(?<!\w)fe80::[0-9a-f:]+/gi },
  { kind: 'address', pattern: /\b\d{1,3}(?:\.\d{1,3}){3}\b/g },
  { kind: 'folder', pattern: /\/(?:home|Users|root|media|mnt)\/[^\s:"']*/g },
  { kind: 'host', pattern: /\b[a-z0-9-]+\.(?:local|lan|home|fritz\.box|home\.arpa)\b/gi },
];
/** A name of one letter would blot out half of every text. */
const LEAST_NAME = 2;

/** `names`: what is known of people: names, e-mail addresses, what they call things. */
export function createRedactor(names: readonly string[]): Redactor {
  const known = new Map<string, string>();
  const counts = new Map<string, number>();
  const standIn = (kind: string, id: string): string => {
    const key = `${kind} ${id.toLowerCase()}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    known.set(key, `${kind}-${count}`);
    return `${kind}-${count}`;
  };
  const literal = names
    .map((name) => name.trim())
    .filter((name) => [...name].length >= LEAST_NAME)
    .sort((a, b) => b.length - a.length)
    .map((name) => ({
      kind: 'name',
      pattern: new RegExp(`(?<![\\p{L}\\p{N}])${name.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'giu'),
    }));
  return {
    standIn,
    // Names last: one that is taken out of an address would leave the rest of it standing.
    text: (text) =>
      [...patterns, ...literal].reduce((left, { kind, pattern }) => left.replace(pattern, (found) => `[${standIn(kind, found)}]`), text),
  };
}
