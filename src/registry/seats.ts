import type { Turns } from './transport/turns.ts';

/** Who has a connection, and who gave it up for a while. */
export interface Seats extends Pick<Turns, 'aside' | 'several'> {
  /** Waits without leaving the connection to anybody. */
  keep(wait: () => Promise<void>): Promise<void>;
  /** Requests under way. */
  readonly busy: number;
  /** Requests that stand aside, keep their connection while they wait, or wait for a connection after they did. */
  readonly waiting: number;
  isFree(): boolean;
  take(): void;
  leave(): void;
  /** Gives a connection that is free to one of those who stood aside; false if none wants it. */
  recall(): boolean;
}

/** Nobody is there; `most` says how many connections there are, and `turn` is called when one of them may have become free. */
export function newSeats(most: () => number, turn: () => void): Seats {
  const back: (() => void)[] = [];
  let [busy, held, waiting] = [0, 0, 0];
  let several = false;

  function take(): void {
    busy += 1;
    several ||= busy > 1;
  }

  return {
    get busy() {
      return busy;
    },
    get waiting() {
      return waiting;
    },
    get several() {
      return several;
    },
    isFree: () => held === 0 && busy < most(),
    take,
    leave() {
      busy -= 1;
      turn();
    },
    recall() {
      const next = back.shift();
      if (!next) return false;
      take();
      next();
      return true;
    },
    async keep(wait) {
      waiting += 1;
      await wait().finally(() => {
        waiting -= 1;
      });
    },
    async aside(wait, asked) {
      // Where nothing else is under way, others would be sent into the same refusal.
      const holds = asked || busy === 1 ? 1 : 0;
      held += holds;
      waiting += 1;
      busy -= 1;
      turn();
      try {
        await wait().finally(() => {
          held -= holds;
        });
        await new Promise<void>((go) => {
          back.push(go);
          turn();
        });
      } catch (error) {
        // Whoever has a connection gives it back.
        take();
        throw error;
      } finally {
        waiting -= 1;
      }
    },
  };
}
