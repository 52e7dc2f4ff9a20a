/** A gate that lets at most `limit` tasks run at once, first come, first served. */
export type Gate = <T>(task: () => Promise<T>) => Promise<T>;

/** A gate of its own; a task that fails makes room like one that succeeds. */
export function gate(limit: number): Gate {
  const waiting: Array<() => void> = [];
  let running = 0;
  return async (task) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

/** One gate a key (a registry, an engine), each with the same limit. */
export function gates(limit: number): (key: string) => Gate {
  const byKey = new Map<string, Gate>();
  return (key) => {
    const known = byKey.get(key) ?? gate(limit);
    byKey.set(key, known);
    return known;
  };
}

/** Answers each key once: callers that come while the work runs, or after it succeeded, share its result; a failure is forgotten. */
export function once<T>(): (key: string, work: () => Promise<T>) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (key, work) => {
    const known = answers.get(key);
    if (known) return known;
    const answer = work();
    answers.set(key, answer);
    answer.catch(() => answers.delete(key));
    return answer;
  };
}

/** Callers that come while the work of a key runs share its result; what has ended, well or badly, is forgotten. */
export function together<T>(): (key: string, work: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return (key, work) => {
    const known = running.get(key);
    if (known) return known;
    const result = work().finally(() => running.delete(key));
    running.set(key, result);
    return result;
  };
}

/** The work, one at a time; all who ask while a call has not begun share that call. */
export function batched(work: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= last.then(() => {
      next = undefined;
      return work();
    });
    last = next.catch(() => {});
    return next;
  };
}
