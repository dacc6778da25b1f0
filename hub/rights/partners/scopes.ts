/** What a partner may ask for: categories to read and to write, as OAuth scopes. Who somebody is, is none of them: no such scope exists. */
import { type Category, categories } from '../../../firmware/protocol/quantities.ts';
import { mayCollect } from '../../people/collection.ts';

export const readable: readonly Category[] = categories.filter((one) => one !== 'identity');
/** By the collection table: what a partner may bring in. */
export const writable: readonly Category[] = readable.filter((one) => mayCollect('partner', one));

export const scopes: readonly string[] = [...readable.map((one) => `read:${one}`), ...writable.map((one) => `write:${one}`)];

export interface Wish {
  readonly reads: readonly Category[];
  readonly writes: readonly Category[];
}

/** The categories of a scope string; what is no scope of the table is left out. */
export function wishOf(scope: string): Wish {
  const words = new Set(scope.split(' '));
  return {
    reads: readable.filter((one) => words.has(`read:${one}`)),
    writes: writable.filter((one) => words.has(`write:${one}`)),
  };
}

export const scopeOf = ({ reads, writes }: Wish): string =>
  [...reads.map((one) => `read:${one}`), ...writes.map((one) => `write:${one}`)].join(' ');

/** Whether a choice stays within what was asked for. */
export const isWithin = (choice: Wish, wish: Wish): boolean =>
  choice.reads.every((one) => wish.reads.includes(one)) && choice.writes.every((one) => wish.writes.includes(one));
