import { PullError } from '../../errors.ts';

/** The connections to one host, for a request that shares them with others. */
export interface Turns {
  /** Changes whenever bytes come from the host. */
  readonly progress: number;
  /** When bytes last came from the host, milliseconds since the epoch; undefined if none have. */
  readonly cameAt: number | undefined;
  /** True if several requests were under way at once. */
  readonly several: boolean;
  /** When the host first refused a request since bytes last came from it, milliseconds since the epoch; undefined if it has not. */
  readonly quietSince: number | undefined;
  /** Told that the host refused a request, how often by now, whether it asked for a wait, and of whom it is one; false if the same was said of another just now. */
  refused(tried: number, asked: boolean, now: number, whose: object): boolean;
  /** Leaves the connection to the others while the wait lasts, then waits for a turn; if the host `asked` for the wait, nobody else is sent there before. */
  aside(wait: () => Promise<void>, asked: boolean): Promise<void>;
}

/** The refusals of one request. */
export interface Refusals {
  /**
   * How many of them there were in a row, `most` at most, if the failure is one more and something else came from the host since the last failure: such a request
   * only came too early. Undefined if it counts as a try.
   */
  besides(failure: unknown): number | undefined;
}

/** Nothing was refused yet; without turns every failure counts. */
export function newRefusals(turns: Turns | undefined, most: number): Refusals {
  let seen = turns?.progress;
  let row = 0;
  return {
    besides(failure) {
      const before = seen;
      seen = turns?.progress;
      row = isCrowded(failure) ? row + 1 : 0;
      return row > 0 && seen !== before ? Math.min(row, most) : undefined;
    },
  };
}

/** True if a host refused a request that it may take when fewer are under way. */
export const isCrowded = (failure: unknown): failure is PullError => failure instanceof PullError && failure.crowded;

/** What to do about the failure: where several connections were used, to use fewer. */
export function crowdHint(failure: PullError, turns: Turns | undefined): string | undefined {
  if (!failure.crowded || !turns?.several) return failure.hint;
  return [failure.hint, FEWER].filter(Boolean).join(' ');
}

const FEWER = 'If it takes only so many connections at a time, lower max-concurrent-downloads.';
