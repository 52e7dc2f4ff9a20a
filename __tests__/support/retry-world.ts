import type { PullEvent } from '../../src/outcome.ts';
import type { RetryOptions } from '../../src/registry/transport/retry.ts';

/** Retries in a world where time stands still: what they report, and the milliseconds that they would have waited. */
export function retryWorld() {
  const events: PullEvent[] = [];
  const waits: number[] = [];
  const options: RetryOptions = {
    signal: new AbortController().signal,
    report: (event) => void events.push(event),
    now: () => 0,
    random: () => 0.5,
    sleep: async (ms) => void waits.push(ms),
  };
  return { events, waits, options };
}
