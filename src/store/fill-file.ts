import { readSync, writeSync } from 'node:fs';
import { BUFFER_SIZE } from '../lib/buffers.ts';
import { newCoverage } from './coverage.ts';
import { diskError } from './disk-error.ts';
import { type Promised, proofOf, sizeMismatch } from './verify.ts';

/** A file that one thread fills; every method throws what a door throws. */
export interface FillFile {
  /** Writes what of these bytes is not in the file, and hashes what comes in its turn. */
  put(position: number, bytes: Uint8Array): void;
  /** The first byte that is not in the file. */
  written(): number;
  /** Returns only if all bytes are in the file, and are the blob. */
  prove(): void;
}

let shared: Buffer | undefined;

/** The open file of a blob, of which nothing is there; what came before its turn is read back for the hash, from the page cache. */
export function fillFile(fd: number, path: string, blob: Promised): FillFile {
  const coverage = newCoverage();
  const proof = proofOf(blob);
  let hashed = 0;

  function catchUp(): void {
    shared ??= Buffer.allocUnsafeSlow(BUFFER_SIZE);
    for (let end = coverage.frontier(); hashed < end; ) {
      const count = readSync(fd, shared, 0, Math.min(BUFFER_SIZE, end - hashed), hashed);
      if (count === 0) throw sizeMismatch(blob, `${hashed}`);
      proof.take(shared.subarray(0, count));
      hashed += count;
    }
  }

  function write(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.byteLength; )
      done += writeSync(fd, bytes, done, bytes.byteLength - done, position + done);
  }

  return {
    put(position, bytes) {
      if (position + bytes.byteLength > blob.size) throw sizeMismatch(blob, `at least ${position + bytes.byteLength}`);
      try {
        // What was hashed is never written again: a second answer may bring other bytes.
        for (const { start, end } of coverage.claim(position, position + bytes.byteLength)) {
          const part = bytes.subarray(start - position, end - position);
          write(part, start);
          if (start !== hashed) continue;
          proof.take(part);
          hashed = end;
        }
        if (hashed < coverage.frontier()) catchUp();
      } catch (error) {
        throw diskError(path, error);
      }
    },
    written: coverage.frontier,
    prove: () => proof.end(),
  };
}
