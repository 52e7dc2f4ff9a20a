import { asksForWait, MOST_WAITS, newWaits, pause, type RetryOptions, withItsWait } from './retry.ts';
import { newRefusals, type Turns } from './turns.ts';

/** Where a blob begins again, a try must bring so much of what it brings twice: a line that is cut again and again would never end otherwise. */
const PART_OF_REPEATED = 0.1;
const LEAST_PROGRESS = 8 * 1024;

/** Where somebody else has the bytes, a host from which nothing comes for so many milliseconds is left, and so is one that asks for as long a wait as is worth saying. */
const QUIET_MS = 5000;

/** What one try of a transfer brought. */
export interface Brought {
  /** Bytes that were not here before, and how many it asked for. */
  readonly fresh: number;
  readonly of: number;
  /** Bytes that were. */
  readonly repeated?: number;
  /** When it began, milliseconds since the epoch. */
  readonly startedAt: number;
}

/** The tries of one transfer, counted anew, with what was waited, after each that made progress. */
export interface Tries {
  /** Counts a try; returns how many in a row brought nothing, the last with progress included. */
  count(brought: Brought): number;
  /** Reports and waits before the next try; false, at once, if there is to be none. */
  pause(failure: unknown): Promise<boolean>;
  /** The failure as the error that ends it all. */
  last(failure: unknown): unknown;
}

/**
 * Nothing was tried; for a transfer of a blob of `size` bytes, or a part of it, that shares its connections with `turns`. While there are `others` to be asked, a
 * second try is the last, and only that comes after a failure which neither took long nor asks for a wait.
 */
export function newTries(retries: RetryOptions, size: number, turns?: Turns, others = () => false): Tries {
  const refusals = newRefusals(turns, MOST_WAITS);
  let fruitless = 0;
  let waits = newWaits();
  let began = 0;
  const isQuiet = () => retries.now() - Math.max(began, turns?.cameAt ?? 0) > QUIET_MS;
  return {
    count({ fresh, of, repeated = 0, startedAt }) {
      const enough = isProgress(fresh, { size, of, ms: retries.now() - startedAt });
      const progress = enough && fresh >= repeated * PART_OF_REPEATED;
      fruitless = progress ? 1 : fruitless + 1;
      began = startedAt;
      if (progress) waits = newWaits();
      return fruitless;
    },
    async pause(failure) {
      const early = refusals.besides(failure);
      if (early !== undefined) fruitless = 0;
      const isEnough = asksForWait(failure) || (early === undefined && (fruitless > 1 || isQuiet()));
      if (isEnough && others()) return false;
      return pause(early ?? fruitless, failure, retries, waits, turns);
    },
    last: (failure) => withItsWait(failure, waits, turns),
  };
}

/**
 * True if a try of so many milliseconds brought enough of a blob to count the tries anew: 8 KiB, a kilobyte for each second, and a thousandth of its `size` or, if
 * that is less, an eighth of what it was asked for. With less, a connection that is cut after each byte, or that stands still after some, would never be given up.
 */
export function isProgress(bytes: number, { size, of, ms }: { size: number; of: number; ms: number }): boolean {
  return bytes >= Math.max(LEAST_PROGRESS, Math.min(size / 1000, of / 8), ms);
}
