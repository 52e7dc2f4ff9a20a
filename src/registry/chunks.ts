import type { ByteRange } from '../ports.ts';

/** How many chunks may be asked for ahead of the first byte that is missing. */
const AHEAD = 8;

/** A part of a blob that is asked for by itself. */
export interface Chunk extends ByteRange {
  /** Where its first missing byte is; `end` when it is complete. */
  at: number;
}

/** Which bytes of a blob have come. */
export interface Chunks {
  /** The first chunk nobody has asked for, if it is at most eight chunks ahead of the first missing byte. */
  next(): Chunk | undefined;
  /** As `next`, and then it is asked for. */
  take(): Chunk | undefined;
  /** The first byte that has not come. */
  frontier(): number;
  /** Bytes that have not come. */
  left(): number;
  /** The parts of so many bytes at a position that have not come before; they count as having come. Bytes beyond the blob are fresh as well. */
  fresh(position: number, length: number): readonly ByteRange[];
}

/** A blob of `size` bytes in chunks of `chunkSize`, the first of `first`, of which nothing has come. */
export function chunksOf(size: number, chunkSize: number, first = chunkSize): Chunks {
  const chunks: Chunk[] = [{ start: 0, at: 0, end: Math.min(size, first) }];
  for (let start = first; start < size; start += chunkSize)
    chunks.push({ start, at: start, end: Math.min(size, start + chunkSize) });
  const indexOf = (position: number) => Math.max(0, Math.floor((position - first) / chunkSize) + 1);
  let asked = 0;
  let complete = 0;
  let left = size;

  const next = () => (asked < complete + AHEAD ? chunks[asked] : undefined);
  return {
    next,
    take() {
      const chunk = next();
      if (chunk) asked += 1;
      return chunk;
    },
    frontier: () => chunks[complete]?.at ?? size,
    left: () => left,
    fresh(position, length) {
      const parts: ByteRange[] = [];
      const stop = position + length;
      for (let index = indexOf(position); ; index += 1) {
        const chunk = chunks[index];
        if (!chunk || chunk.start >= stop) break;
        const end = Math.min(stop, chunk.end);
        // A stream starts at a missing byte and has no gaps, so it is never ahead of it.
        if (end <= chunk.at) continue;
        parts.push({ start: chunk.at, end });
        left -= end - chunk.at;
        chunk.at = end;
      }
      while (complete < chunks.length && chunks[complete]?.at === chunks[complete]?.end) complete += 1;
      if (stop > size) parts.push({ start: Math.max(position, size), end: stop });
      return parts;
    },
  };
}
