import type { FileHandle } from 'node:fs/promises';
import { BUFFER_SIZE, giveBack, takeBuffer } from '../lib/buffers.ts';
import type { Piece } from '../ports.ts';
import { onDisk } from './disk-error.ts';
import { type Promised, proofOf, sizeMismatch } from './verify.ts';

/** What is written and not yet hashed is still in the page cache if it is no more than this. */
const MOST_BEHIND = 64 * 1024 * 1024;

/** A hash that follows a file while it is being written. */
export interface Hashing {
  /** A piece before it is written: if it is the next one, it need not be read back. */
  show(piece: Piece): void;
  /** So many bytes from the start are in the file now. */
  advance(written: number): void;
  /** Resolves when at most 64 MiB are not hashed yet; throws what went wrong. */
  keepsUp(): Promise<void>;
  /** Resolves when all that was written is proved to be the blob; throws as a proof does. */
  end(): Promise<void>;
  /** Resolves when it does not read any more. */
  stop(): Promise<void>;
}

/** Reads back what was not shown in its turn. Memory: half a MiB. */
export function hashBehind(handle: FileHandle, path: string, blob: Promised): Hashing {
  const proof = proofOf(blob);
  let buffer: Buffer | undefined;
  let written = 0;
  let hashed = 0;
  let stopped = false;
  let running: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;

  async function run(): Promise<void> {
    try {
      while (hashed < written && !stopped) {
        buffer ??= takeBuffer();
        const length = Math.min(BUFFER_SIZE, written - hashed);
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
    if (running || failure || stopped || hashed >= written) return;
    running = run().then(() => {
      running = undefined;
      start();
    });
  }

  return {
    show({ position, bytes }) {
      if (running || failure || position !== hashed) return;
      proof.take(bytes);
      hashed += bytes.byteLength;
    },
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
      if (buffer) giveBack(buffer);
      buffer = undefined;
    },
  };
}
