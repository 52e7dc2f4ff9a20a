import { PullError } from '../errors.ts';
import { newBell } from '../lib/bell.ts';
import { BUFFER_SIZE, giveBack } from '../lib/buffers.ts';
import { newDeferred } from '../lib/deferred.ts';
import type { Filler, Part, Told } from '../ports.ts';
import type { Filling, Temp } from './fill.ts';
import type { FillPool } from './fill-pool.ts';
import { type Promised, sizeMismatch } from './verify.ts';

/** Pieces on their way to the thread at once. */
const WRITES = 4;

/**
 * A file that a thread fills: what comes this way is handed to it, what it brings itself is in the file already. The thread alone writes, so that nothing is
 * changed that was hashed. Memory here: four pieces.
 */
export function inThread(
  { handle, path, written }: Temp,
  blob: Promised,
  pool: FillPool,
): Filling & { filler: Filler } {
  const orders = new Map<number, (told: Told) => void>();
  let ordered = 0;
  let inTurn = 0;
  let flights = 0;
  let failure: { readonly error: unknown } | undefined;
  let proved = false;
  let closed = false;
  const bell = newBell();
  const failed = newDeferred();

  function broken(error: unknown): void {
    failure ??= { error };
    failed.resolve();
    bell.ring();
  }

  const thread = pool.take(blob.size).join({
    hear(message) {
      if (message.type === 'wrote') {
        flights -= 1;
        giveBack(message.bytes);
        written(message.written);
      }
      if (message.type === 'told') {
        written(message.written);
        const hear = orders.get(message.order);
        if (message.told.type === 'over' || message.told.type === 'refused') end(message.order);
        hear?.(message.told);
      }
      if (message.type === 'failed') {
        const { code, subject, reason, hint } = message.error;
        broken(new PullError(code, subject, reason, { hint }));
      }
      if (message.type === 'proved') proved = true;
      if (message.type === 'closed') closed = true;
      bell.ring();
    },
    ended({ code, reason }) {
      closed = true;
      broken(new PullError(code, path, reason));
    },
  });
  thread.send({ type: 'open', fd: handle.fd, path, blob: { digest: blob.digest, size: blob.size } });

  /** False if it was over already. */
  function end(order: number): boolean {
    const known = orders.delete(order);
    if (known) thread.work.orders -= 1;
    return known;
  }

  async function until(done: () => boolean): Promise<void> {
    while (!done()) await bell.next();
  }

  async function hand(position: number, bytes: Uint8Array): Promise<void> {
    if (position + bytes.byteLength > blob.size) throw sizeMismatch(blob, `at least ${position + bytes.byteLength}`);
    await until(() => flights < WRITES || failure !== undefined);
    if (failure) throw failure.error;
    flights += 1;
    // Whoever shares its buffer with others keeps it.
    const { buffer } = bytes;
    const own = buffer instanceof ArrayBuffer && buffer.byteLength === BUFFER_SIZE;
    thread.send({ type: 'write', position, bytes: own ? bytes : bytes.slice() }, own ? [buffer] : []);
  }

  return {
    filler: {
      bring(what, hear) {
        ordered += 1;
        const order = ordered;
        orders.set(order, hear);
        thread.work.orders += 1;
        thread.send({ type: 'bring', order, what });
        return () => {
          if (end(order)) thread.send({ type: 'breakOff', order });
        };
      },
      get underWay() {
        return thread.work.orders;
      },
      failed: failed.promise,
    },
    async take(part: Part) {
      if (failure) throw failure.error;
      if ('offer' in part || 'landed' in part) return;
      if ('position' in part) return hand(part.position, part.bytes);
      await hand(inTurn, part);
      inTurn += part.byteLength;
    },
    async end() {
      if (!failure) thread.send({ type: 'prove' });
      await until(() => proved || failure !== undefined);
      if (failure) throw failure.error;
    },
    async stop() {
      thread.send({ type: 'close' });
      await until(() => closed);
      for (const order of [...orders.keys()]) end(order);
      thread.leave();
    },
  };
}
