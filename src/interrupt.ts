/** The part of `process` that tells of interrupts. */
interface Interruptible {
  on(event: 'SIGINT' | 'SIGTERM', listener: (name: string) => void): unknown;
}

/** What stops in this many milliseconds stops by itself; the rest is cut off. The store is whole at any moment. */
const GRACE_MS = 700;

/** A signal aborted at the first SIGINT or SIGTERM; `giveUp` is called 0.7 s later, for whatever still holds on then. */
export function onSignals(process: Interruptible, giveUp: () => void): AbortSignal {
  const controller = new AbortController();
  const abort = () => {
    if (controller.signal.aborted) return;
    controller.abort();
    setTimeout(giveUp, GRACE_MS).unref();
  };
  process.on('SIGINT', abort);
  process.on('SIGTERM', abort);
  return controller.signal;
}
