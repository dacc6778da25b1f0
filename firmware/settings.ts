/**
 * YAML files that people write (a rig, the hub's configuration), checked against a typebox schema. A mistake is answered
 * with the file, the line, the key and what would be right, never with a stack trace.
 */
import { createRequire } from 'node:module';
import type { Static, TSchema } from 'typebox';
import type { LineCounter, ParsedNode } from 'yaml';
import { mistakes } from './schema/check.ts';

/** Loaded with the first file: most hubs have none, and it is 2 MB. */
const yaml = (): typeof import('yaml') => createRequire(import.meta.url)('yaml');

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
  const { LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    const { line, col } = lines.linePos(mistake.pos[0]);
    throw new SettingsError(file, line, '', `not valid YAML at column ${col}: ${mistake.message}`);
  }
  const value: unknown = document.toJS() ?? {};
  const wrong = firstMistake(schema as unknown as Shape, value, []);
  if (wrong === undefined) return value as Static<Schema>;
  throw new SettingsError(file, lineOf(document.contents, lines, wrong.path), wrong.path.at(-1) ?? '', wrong.message);
}

/** A mistake that a schema cannot say, with the line at which it stands. */
export function mistakeAt(text: string, file: string, path: readonly (string | number)[], message: string): SettingsError {
  const { LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const keys = path.map(String);
  return new SettingsError(file, lineOf(document.contents, lines, keys), keys.at(-1) ?? '', message);
}

/** The parts of a JSON schema that are looked at here. */
interface Shape {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: unknown;
  readonly items?: Shape;
}

interface Mistake {
  readonly path: readonly string[];
  readonly message: string;
}

/** From the outside in, so that a misspelt key is said before what it leaves missing. */
function firstMistake(shape: Shape, value: unknown, path: readonly string[]): Mistake | undefined {
  const meant = meantShape(shape, value);
  if ('key' in meant) return wrongChoice(meant, value, path);
  if (meant.properties !== undefined && isRecord(value)) {
    const allowed = Object.keys(meant.properties);
    const strange = Object.keys(value).find((key) => !allowed.includes(key));
    if (strange !== undefined && meant.additionalProperties === false) return unknownKey(strange, allowed, path);
    for (const key of allowed) {
      if (!Object.hasOwn(value, key)) continue;
      const found = firstMistake(meant.properties[key]!, value[key], [...path, key]);
      if (found !== undefined) return found;
    }
  } else if (meant.items !== undefined && Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = firstMistake(meant.items, item, [...path, String(index)]);
      if (found !== undefined) return found;
    }
  }
  const [error] = mistakes(meant as TSchema, value);
  if (error === undefined) return undefined;
  const deeper = error.instancePath.split('/').slice(1).map(unescapePointer);
  const at = [...path, ...deeper];
  const constants = deeper.length === 0 ? constantsOf(meant) : [];
  return {
    path: at,
    message: constants.length > 0 ? wanted(constants, value, at) : `${named(at)} ${error.message}${shown(valueAt(value, deeper))}`,
  };
}

/** A union in which the key that tells the members apart has a value of none. */
interface NoChoice {
  readonly key: string;
  readonly choices: readonly string[];
}

/** The member of a union that a value means: a list, or the object whose literal keys (kind, chip, protocol) are the value's. */
function meantShape(shape: Shape, value: unknown): Shape | NoChoice {
  if (shape.anyOf === undefined) return shape;
  const members = shape.anyOf.flatMap(flattened);
  const fitting = members.filter(({ type }) => type === (Array.isArray(value) ? 'array' : 'object'));
  if (fitting.length === 0 || typeof value !== 'object' || value === null) return shape;
  if (fitting.length === 1) return fitting[0]!;
  const given = value as Readonly<Record<string, unknown>>;
  const keys = new Set(fitting.flatMap((member) => literalKeys(member)));
  for (const key of keys) {
    const choices = fitting.flatMap((member) => constantsOf(member.properties?.[key] ?? {}));
    if (!choices.includes(String(given[key]))) return { key, choices: [...new Set(choices)] };
  }
  return (
    fitting.find((member) => literalKeys(member).every((key) => constantsOf(member.properties![key]!).includes(String(given[key])))) ??
    shape
  );
}

const flattened = (shape: Shape): readonly Shape[] => (shape.anyOf === undefined ? [shape] : shape.anyOf.flatMap(flattened));
const literalKeys = ({ properties = {} }: Shape): string[] =>
  Object.keys(properties).filter((key) => typeof properties[key]!.const === 'string');

/** The constants that a shape allows, as text; none when it allows other things too. */
function constantsOf(shape: Shape): string[] {
  const members = flattened(shape);
  return members.every((member) => member.const !== undefined) ? members.map((member) => String(member.const)) : [];
}

function wrongChoice({ key, choices }: NoChoice, value: unknown, path: readonly string[]): Mistake {
  const given = (value as Readonly<Record<string, unknown>>)[key];
  const at = [...path, key];
  if (given === undefined) return { path, message: `${named(path)} must name its ${key}: ${choices.join(', ')}` };
  const nearest = typeof given === 'string' ? nearestOf(given, choices) : undefined;
  const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
  return { path: at, message: `${wanted(choices, given, at)}${hint}` };
}

function unknownKey(key: string, allowed: readonly string[], path: readonly string[]): Mistake {
  const nearest = nearestOf(key, allowed);
  const hint = nearest === undefined ? `; allowed are ${allowed.join(', ')}` : `; did you mean '${nearest}'?`;
  return { path: [...path, key], message: `unknown key '${key}'${hint}` };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const named = (path: readonly string[]): string => (path.length === 0 ? 'the file' : `'${path.join('.')}'`);
const shown = (value: unknown): string => (typeof value === 'object' || value === undefined ? '' : ` (found ${JSON.stringify(value)})`);
const wanted = (constants: readonly string[], value: unknown, path: readonly string[]): string =>
  `${named(path)} must be ${constants.map((one) => `'${one}'`).join(' or ')}${shown(value)}`;

const unescapePointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    value,
  );
}

/** Line of the deepest part of the path that stands in the document; for an unknown key, of the key itself. */
function lineOf(root: ParsedNode | null, lines: LineCounter, path: readonly string[]): number {
  const { isMap, isNode, isScalar } = yaml();
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
