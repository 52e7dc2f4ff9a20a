import type { FileHandle } from 'node:fs/promises';
import { onDisk } from './disk-error.ts';
import { type Promised, proofOf, sizeMismatch } from './verify.ts';

/** Bytes read at once. */
const READ = 512 * 1024;
/** What is written and not yet hashed is still in the page cache if it is no more than this. */
const MOST_BEHIND = 64 * 1024 * 1024;

/** A hash that follows a file while it is being written. */
export interface Hashing {
  /** So many bytes from the start are in the file now. */
  advance(written: number): void;
  /** Resolves when at most 64 MiB are not hashed yet; throws what went wrong. */
  keepsUp(): Promise<void>;
  /** Resolves when all that was written is proved to be the blob; throws as a proof does. */
  end(): Promise<void>;
  /** Resolves when it does not read any more. */
  stop(): Promise<void>;
}

/** Reads back what was written, in this thread. Memory: half a MiB. */
export function hashBehind(handle: FileHandle, path: string, blob: Promised): Hashing {
  const proof = proofOf(blob);
  const buffer = Buffer.allocUnsafeSlow(Math.min(READ, Math.max(1, blob.size)));
  let written = 0;
  let hashed = 0;
  let stopped = false;
  let running: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;

  async function run(): Promise<void> {
    try {
      while (hashed < written && !stopped) {
        const length = Math.min(buffer.byteLength, written - hashed);
        const { bytesRead } = await onDisk(path, handle.read(buffer, 0, length, hashed));
        if (bytesRead === 0) throw sizeMismatch(blob, `${hashed}`);
        proof.take(buffer.subarray(0, bytesRead));
        hashed += bytesRead;
      }
    } catch (error) {
      failure = { error };
    }
  }

  function start(): void {
    if (running || failure || stopped || hashed === written) return;
    running = run().then(() => {
      running = undefined;
      start();
    });
  }

  return {
    advance(to) {
      written = to;
      start();
    },
    async keepsUp() {
      while (running && written - hashed > MOST_BEHIND) await running;
      if (failure) throw failure.error;
    },
    async end() {
      while (running) await running;
      if (failure) throw failure.error;
      proof.end();
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}
