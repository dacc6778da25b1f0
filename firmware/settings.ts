/**
 * YAML files that people write (a rig, the hub's configuration), checked against a typebox schema. A mistake is answered
 * with the file, the line, the key and what would be right, never with a stack trace.
 */
import type { Static, TSchema } from 'typebox';
import { Errors } from 'typebox/value';
import { isMap, isNode, isScalar, LineCounter, type ParsedNode, parseDocument } from 'yaml';

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly file: string;
  readonly line: number;
  readonly key: string;

  constructor(file: string, line: number, key: string, message: string) {
    super(`${file}:${line}: ${message}`);
    this.file = file;
    this.line = line;
    this.key = key;
  }
}

/** Parses and checks `text`. Throws {@link SettingsError} for the first mistake. Defaults are the caller's. */
export function parseSettings<Schema extends TSchema>(text: string, file: string, schema: Schema): Static<Schema> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    const { line, col } = lines.linePos(mistake.pos[0]);
    throw new SettingsError(file, line, '', `not valid YAML at column ${col}: ${mistake.message}`);
  }
  const value: unknown = document.toJS() ?? {};
  const unknown = unknownKey(schema, value, []);
  if (unknown !== undefined) {
    const key = unknown.path.at(-1)!;
    const nearest = nearestOf(key, unknown.allowed);
    const hint = nearest === undefined ? `; allowed are ${unknown.allowed.join(', ')}` : `; did you mean '${nearest}'?`;
    throw new SettingsError(file, lineOf(document.contents, lines, unknown.path), key, `unknown key '${key}'${hint}`);
  }
  const [error] = Errors(schema, value);
  if (error === undefined) return value as Static<Schema>;
  const path = error.instancePath.split('/').slice(1).map(unescapePointer);
  const allowed = constantsAt(schema, path);
  const key = path.at(-1) ?? '';
  const at = path.length === 0 ? 'the file' : `'${path.join('.')}'`;
  const found = valueAt(value, path);
  const shown = typeof found === 'object' ? '' : ` (found ${JSON.stringify(found)})`;
  const wanted = allowed.length === 0 ? error.message : `must be ${allowed.map((one) => `'${one}'`).join(' or ')}`;
  throw new SettingsError(file, lineOf(document.contents, lines, path), key, `${at} ${wanted}${shown}`);
}

/** A mistake that a schema cannot say, with the line at which it stands. */
export function mistakeAt(text: string, file: string, path: readonly (string | number)[], message: string): SettingsError {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const keys = path.map(String);
  return new SettingsError(file, lineOf(document.contents, lines, keys), keys.at(-1) ?? '', message);
}

/** The first key that no schema at its place allows. */
function unknownKey(schema: unknown, value: unknown, path: readonly string[]): { path: string[]; allowed: string[] } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = unknownKey(schema, item, [...path, String(index)]);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const allowed = propertiesAt(schema, path);
  for (const [key, child] of Object.entries(value)) {
    if (!allowed.includes(key)) return { path: [...path, key], allowed };
    const found = unknownKey(schema, child, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

const unescapePointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    value,
  );
}

/** Line of the deepest part of the path that stands in the document; for an unknown key, of the key itself. */
function lineOf(root: ParsedNode | null, lines: LineCounter, path: readonly string[]): number {
  let node: ParsedNode | null = root;
  let offset = root?.range[0] ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (pair === undefined) break;
      offset = (pair.key as ParsedNode).range[0];
      node = pair.value as ParsedNode | null;
    } else {
      const child: unknown = node !== null && 'get' in node ? node.get(Number(key), true) : undefined;
      if (!isNode(child)) break;
      node = child as ParsedNode;
      offset = node.range[0];
    }
  }
  return lines.linePos(offset).line;
}

/** The keys a schema allows at a path; for a union, those of all its members. */
function propertiesAt(schema: unknown, path: readonly string[]): string[] {
  return [...new Set(schemasAt(schema, path).flatMap((one) => Object.keys((one.properties as object | undefined) ?? {})))];
}

/** The constants a schema allows at a path; none when it allows other things too. */
const constantsAt = (schema: unknown, path: readonly string[]): string[] => [
  ...new Set(schemasAt(schema, path).flatMap((one) => (typeof one.const === 'string' ? [one.const] : []))),
];

function schemasAt(schema: unknown, path: readonly string[]): Record<string, unknown>[] {
  let schemas = [schema as Record<string, unknown>];
  const spread = (list: Record<string, unknown>[]): Record<string, unknown>[] =>
    list.flatMap((one) => (Array.isArray(one.anyOf) ? spread(one.anyOf) : [one]));
  for (const key of path) {
    schemas = spread(schemas).flatMap((one) => {
      const next = (one.properties as Record<string, unknown> | undefined)?.[key] ?? one.items;
      return next === undefined ? [] : [next as Record<string, unknown>];
    });
  }
  return spread(schemas);
}

/** A key further away than this is not what was meant. */
const FARTHEST_TYPO = 3;

export function nearestOf(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }));
  ranked.sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= FARTHEST_TYPO ? best.candidate : undefined;
}

/** Levenshtein distance (1965) by rows. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
