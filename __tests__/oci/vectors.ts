import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Where facts about other implementations and real documents lie, if they do: beside the project, not in it. */
export const SHARED = path.resolve(import.meta.dirname, '../../../shared');

/** The cases of a file of vectors; none where the folder is absent, and then the tables in the tests stand alone. */
export function vectors<T>(file: string): readonly T[] {
  const name = path.join(SHARED, 'vectors', file);
  return existsSync(name) ? (JSON.parse(readFileSync(name, 'utf8')) as T[]) : [];
}

/** The cases of one kind; an error if there are cases but none of this kind, for then a test would pass that asks nothing. */
export function group<T>(cases: readonly T[], kindOf: (one: T) => string): (kind: string) => readonly T[] {
  return (kind) => {
    const found = cases.filter((one) => kindOf(one) === kind);
    if (cases.length > 0 && found.length === 0) throw new Error(`no case of kind ${kind}`);
    return found;
  };
}

/** A generator of numbers below 1, the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What the function throws; undefined if it does not. */
export function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
