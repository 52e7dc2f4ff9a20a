import { newBell } from './bell.ts';

/** Items of many producers on their way to one consumer. */
export interface Flow<T> extends AsyncIterable<T> {
  /** Resolves when the consumer has the item, or wants no more. */
  put(item: T): Promise<void>;
  /** No item comes any more; with an error the iteration throws it after what was put before. Only the first call counts. */
  end(error?: unknown): void;
}

/** An empty flow, to be iterated once; it holds what was put until that is taken. */
export function newFlow<T>(): Flow<T> {
  const waiting: { readonly item: T; readonly taken: () => void }[] = [];
  let over = false;
  let failure: { readonly error: unknown } | undefined;
  const bell = newBell();

  function end(error?: unknown): void {
    if (over) return;
    over = true;
    if (error !== undefined) failure = { error };
    bell.ring();
  }

  async function* items(): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const next = waiting.shift();
        if (next) {
          next.taken();
          yield next.item;
        } else if (failure) throw failure.error;
        else if (over) return;
        else await bell.next();
      }
    } finally {
      over = true;
      for (const { taken } of waiting.splice(0)) taken();
    }
  }

  const iteration = items();
  return {
    put(item) {
      if (over) return Promise.resolve();
      return new Promise((taken) => {
        waiting.push({ item, taken });
        bell.ring();
      });
    },
    end,
    [Symbol.asyncIterator]: () => iteration,
  };
}
