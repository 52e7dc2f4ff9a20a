import { giveBack } from '../lib/buffers.ts';
import type { Piece } from '../ports.ts';
import { onDisk } from './disk-error.ts';
import { type Filling, type Temp, writeAll } from './fill.ts';
import { hashBehind } from './hash-behind.ts';
import { type Promised, sizeMismatch } from './verify.ts';

/** Writes at once: enough to keep a disk busy, few enough to bound memory. */
const WRITES = 4;

/** Pieces that come in any order: each is written where it belongs, and hashed from the file when all before it is there. */
export function inPlace(temp: Temp, blob: Promised): Filling {
  const { handle, path } = temp;
  const hashing = hashBehind(handle, path, blob);
  const flights = new Set<Promise<void>>();
  const frontier = newFrontier();
  let failure: { readonly error: unknown } | undefined;

  async function write({ position, bytes }: Piece): Promise<void> {
    try {
      await onDisk(path, writeAll(handle, bytes, position));
      const written = frontier.add(position, position + bytes.byteLength);
      hashing.advance(written);
      temp.written(written);
    } catch (error) {
      failure ??= { error };
    }
    giveBack(bytes);
  }

  return {
    async take(chunk) {
      if ('landed' in chunk) return;
      if (!('position' in chunk)) throw new TypeError('a chunk among pieces');
      const end = chunk.position + chunk.bytes.byteLength;
      if (end > blob.size) throw sizeMismatch(blob, `at least ${end}`);
      while (flights.size >= WRITES) await Promise.race(flights);
      await hashing.keepsUp();
      if (failure) throw failure.error;
      hashing.show(chunk);
      const flight = write(chunk).finally(() => flights.delete(flight));
      flights.add(flight);
    },
    async end() {
      await Promise.all(flights);
      if (failure) throw failure.error;
      await hashing.end();
    },
    async stop() {
      await Promise.all(flights);
      await hashing.stop();
    },
  };
}

/** How far the file is filled without a gap, when parts that do not overlap are added in any order. */
function newFrontier() {
  const ahead = new Map<number, number>();
  let written = 0;
  return {
    add(start: number, end: number): number {
      ahead.set(start, end);
      for (let next = ahead.get(written); next !== undefined; next = ahead.get(written)) {
        ahead.delete(written);
        written = next;
      }
      return written;
    },
  };
}
