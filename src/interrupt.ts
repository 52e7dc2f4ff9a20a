/** The part of `process` that tells of interrupts. */
interface Interruptible {
  on(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/** The part of a stream that tells of its failure. */
interface Breakable {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** What stops in this many milliseconds stops by itself; the rest is cut off. The store is whole at any moment. */
const GRACE_MS = 700;

/** A signal aborted at the first SIGINT or SIGTERM; `giveUp` is called 0.7 s later, for whatever still holds on then. */
export function onSignals(process: Interruptible, giveUp: () => void): AbortSignal {
  const { signal, abort } = withGrace(giveUp);
  process.on('SIGINT', abort);
  process.on('SIGTERM', abort);
  return signal;
}

/** A signal aborted once nobody reads what is written (EPIPE), with the same grace; `failed` is told of any other failure of the streams. */
export function onReaderGone(
  streams: readonly Breakable[],
  giveUp: () => void,
  failed: (error: NodeJS.ErrnoException) => void,
): AbortSignal {
  const { signal, abort } = withGrace(giveUp);
  for (const stream of streams) {
    stream.on('error', (error) => {
      if (error.code === 'EPIPE') abort();
      else failed(error);
    });
  }
  return signal;
}

function withGrace(giveUp: () => void) {
  const controller = new AbortController();
  const abort = () => {
    if (controller.signal.aborted) return;
    controller.abort();
    setTimeout(giveUp, GRACE_MS).unref();
  };
  return { signal: controller.signal, abort };
}
