import { PullError } from '../../../src/errors.ts';
import { seeded } from '../../oci/vectors.ts';
import { monsters, mutator } from './mutate.ts';

/** A parser under fire: it may throw PullErrors and nothing else; a promise it returns is awaited. */
export interface Target {
  readonly name: string;
  /** Texts as they should be, or are seen in the wild. */
  readonly corpus: readonly string[];
  /** Pieces of its grammar. */
  readonly tokens: readonly string[];
  /** Parses, and throws an error of its own kind if what came out of it cannot be. */
  readonly parse: (text: string) => unknown;
}

export interface Failure {
  readonly input: string;
  readonly why: string;
}

export interface Tally {
  readonly executions: number;
  /** How many were refused with a PullError. */
  readonly refused: number;
  readonly failures: readonly Failure[];
  readonly slowestMs: number;
  readonly seconds: number;
}

/** Longer than this, three times in a row, is a failure: no text here has more than 128 KiB. */
const MOST_MS = 100;
/** Longer than this is looked at again. */
const SUSPECT_MS = 10;
const MOST_FAILURES = 10;

/** So many texts through the target, monsters first, then mutations of the corpus, the same for the same seed; ends early after ten failures. */
export async function runTarget({ corpus, tokens, parse }: Target, executions: number, seed: number): Promise<Tally> {
  const first = [...monsters(corpus, tokens)];
  const mutated = mutator(seeded(seed), corpus, tokens);
  const next = () => first.pop() ?? mutated();
  const failures: Failure[] = [];
  let [done, refused, slowestMs] = [0, 0, 0];
  const beganAt = performance.now();

  async function once(input: string): Promise<number> {
    const startedAt = performance.now();
    try {
      const result = parse(input);
      if (result instanceof Promise) await result;
    } catch (error) {
      if (error instanceof PullError) refused += 1;
      else failures.push({ input, why: String(error) });
    }
    return performance.now() - startedAt;
  }

  for (; done < executions && failures.length < MOST_FAILURES; done += 1) {
    const input = next();
    let ms = await once(input);
    // A pause of the machine is no fault of the parser: what is slow for a reason is slow again.
    for (let again = 0; ms > SUSPECT_MS && again < 2; again += 1) ms = Math.min(ms, await once(input));
    if (ms > MOST_MS) failures.push({ input, why: `${Math.round(ms)} ms for ${input.length} characters` });
    slowestMs = Math.max(slowestMs, ms);
  }
  return { executions: done, refused, failures, slowestMs, seconds: (performance.now() - beganAt) / 1000 };
}
