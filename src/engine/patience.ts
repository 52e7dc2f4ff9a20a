import { setTimeout as sleep } from 'node:timers/promises';
import { cancelled } from '../errors.ts';

/** How long to wait for somebody who is not there yet, in milliseconds. */
export interface Waiting {
  readonly withinMs: number;
  /** Between two tries. */
  readonly everyMs: number;
  readonly signal: AbortSignal;
  /** True if the error may be over the next time. */
  readonly again: (error: unknown) => boolean;
}

/** What the first try that succeeds gives; each is told how many milliseconds are left. Throws the last error when the time is up, any other at once, and CANCELLED. */
export async function tryWithin<T>(
  { withinMs, everyMs, signal, again }: Waiting,
  attempt: (leftMs: number) => Promise<T>,
): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    try {
      return await attempt(Math.max(1, until - performance.now()));
    } catch (error) {
      if (!again(error) || performance.now() + everyMs >= until) throw error;
    }
    try {
      await sleep(everyMs, undefined, { signal });
    } catch {
      throw cancelled();
    }
  }
}
