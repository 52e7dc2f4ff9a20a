import type { FileHandle } from 'node:fs/promises';
import type { Content, Filler, Part } from '../ports.ts';
import { onDisk } from './disk-error.ts';
import type { FillPool } from './fill-pool.ts';
import { inPlace } from './in-place.ts';
import { inThread } from './in-thread.ts';
import { type Promised, proofOf } from './verify.ts';

const WRITE_SIZE = 1024 * 1024;

/** A file that is being filled. */
export interface Temp {
  readonly handle: FileHandle;
  readonly path: string;
  readonly written: (bytes: number) => void;
}

/** What becomes of the content: one way for chunks, another for pieces. */
export interface Filling {
  take(part: Part): Promise<void>;
  /** Resolves when all of it is in the file and proved. */
  end(): Promise<void>;
  /** Resolves when nothing uses the file any more. */
  stop(): Promise<void>;
}

/** Writes the content to the file and proves it, through a thread of the pool if the content can make use of one; throws what `writeBlob` throws. */
export async function fill(temp: Temp, blob: Promised, content: Content, pool?: FillPool): Promise<void> {
  let filling: (Filling & { filler?: Filler }) | undefined;
  try {
    for await (const part of content) {
      if ('offer' in part) {
        if (pool && !filling) filling = inThread(temp, blob, pool);
        if (filling?.filler) part.offer(filling.filler);
        continue;
      }
      filling ??= 'position' in part ? inPlace(temp, blob) : inTurn(temp, blob);
      await filling.take(part);
    }
    filling ??= inTurn(temp, blob);
    await filling.end();
  } finally {
    await filling?.stop();
  }
}

/** Chunks that come one after another: hashed on their way. */
function inTurn(temp: Temp, blob: Promised): Filling {
  const proof = proofOf(blob);
  const sink = coalesce(temp, Math.max(1, Math.min(blob.size, WRITE_SIZE)));
  return {
    async take(part) {
      if ('offer' in part || 'landed' in part) return;
      const bytes = 'position' in part ? part.bytes : part;
      proof.take(bytes);
      await sink.add(bytes);
    },
    async end() {
      proof.end();
      await sink.end();
    },
    stop: sink.settled,
  };
}

/**
 * Small chunks become large writes; one buffer goes to the disk while the other fills. The chunks are copied: their
 * owner may use them again.
 */
function coalesce({ handle, path, written }: Temp, capacity: number) {
  let filling = Buffer.allocUnsafeSlow(capacity);
  let spare: Buffer<ArrayBuffer> | undefined;
  let used = 0;
  let position = 0;
  let flight: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    await flight;
    const full = filling;
    const end = position + used;
    flight = onDisk(path, writeAll(handle, full.subarray(0, used), position)).then(() => written(end));
    flight.catch(() => {});
    position = end;
    used = 0;
    filling = spare ?? Buffer.allocUnsafeSlow(capacity);
    spare = full;
  }

  return {
    async add(chunk: Uint8Array): Promise<void> {
      for (let taken = 0; taken < chunk.byteLength; ) {
        const part = chunk.subarray(taken, taken + capacity - used);
        filling.set(part, used);
        used += part.byteLength;
        taken += part.byteLength;
        if (used === capacity) await flush();
      }
    },
    async end(): Promise<void> {
      if (used > 0) await flush();
      await flight;
    },
    settled: () => flight.catch(() => {}),
  };
}

/** All the bytes, however many writes it takes. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, position + done);
    done += bytesWritten;
  }
}
