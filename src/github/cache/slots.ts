/** Lets tasks run while there is room for them, first come, first served. */
export type Slots = <T>(bytes: number, task: () => Promise<T>) => Promise<T>;

/** Room for `tasks` at once, which may hold `bytes` of memory together; one that wants more than all of it runs alone. */
export function slots(tasks: number, bytes: number): Slots {
  const waiting: Array<{ readonly needs: number; readonly go: () => void }> = [];
  let running = 0;
  let held = 0;

  function admit(): void {
    for (let next = waiting[0]; next && running < tasks && held + next.needs <= bytes; next = waiting[0]) {
      waiting.shift();
      running += 1;
      held += next.needs;
      next.go();
    }
  }

  return async (wanted, task) => {
    const needs = Math.min(wanted, bytes);
    await new Promise<void>((go) => {
      waiting.push({ needs, go });
      admit();
    });
    try {
      return await task();
    } finally {
      running -= 1;
      held -= needs;
      admit();
    }
  };
}
