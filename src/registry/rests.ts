import type { RetryOptions } from './transport/retry.ts';

/** The waits between tries, for those who may find meanwhile that there is nothing left to try. */
export interface Rests {
  /** The same retries, whose waits end early, without an error, where `wake` finds that it is done. */
  until(isDone: () => boolean, retries: RetryOptions): RetryOptions;
  /** To be called whenever somebody may be done. */
  wake(): void;
}

/** Nobody waits. */
export function newRests(): Rests {
  const resting = new Map<AbortController, () => boolean>();
  return {
    until(isDone, retries) {
      const sleep: RetryOptions['sleep'] = async (ms, signal) => {
        const rest = new AbortController();
        resting.set(rest, isDone);
        try {
          await retries.sleep(ms, AbortSignal.any([signal, rest.signal]));
        } catch (error) {
          if (signal.aborted || !rest.signal.aborted) throw error;
        } finally {
          resting.delete(rest);
        }
      };
      return { ...retries, sleep };
    },
    wake() {
      for (const [rest, isDone] of resting) if (isDone()) rest.abort();
    },
  };
}
