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
  /** True if there are bytes nobody has asked for, and fewer than eight chunks were asked for after the first one that is not complete. */
  readonly more: boolean;
  /** So many of the bytes that nobody has asked for, if there are `more`; then they are asked for. */
  take(bytes: number): Chunk | undefined;
  /** All that nobody has asked for is asked for. */
  takeRest(): void;
  /** The first byte that has not come. */
  frontier(): number;
  /** Bytes that have not come. */
  left(): number;
  /** The parts of so many bytes at a position that have not come before; they count as having come. Bytes beyond the blob are fresh as well. */
  fresh(position: number, length: number): readonly ByteRange[];
}

/** A blob of `size` bytes of which nothing has come but, in order, what is `had`. Memory: an entry for each chunk. */
export function chunksOf(size: number, had: readonly ByteRange[] = []): Chunks {
  const chunks: Chunk[] = [];
  /** What nobody has asked for, in order. */
  const gaps = gapsIn(size, had);
  let complete = 0;
  let left = gaps.reduce((sum, { start, end }) => sum + end - start, 0);

  function add(bytes: number): Chunk | undefined {
    const gap = gaps.shift();
    if (!gap) return undefined;
    const end = Math.min(gap.end, gap.start + bytes);
    if (end < gap.end) gaps.unshift({ start: end, end: gap.end });
    const chunk = { start: gap.start, at: gap.start, end };
    chunks.push(chunk);
    return chunk;
  }

  return {
    get more() {
      return gaps.length > 0 && chunks.length < complete + AHEAD;
    },
    take(bytes) {
      return this.more ? add(bytes) : undefined;
    },
    takeRest() {
      while (gaps.length > 0) add(size);
    },
    frontier: () => chunks[complete]?.at ?? gaps[0]?.start ?? size,
    left: () => left,
    fresh(position, length) {
      const parts: ByteRange[] = [];
      const stop = position + length;
      // Of those before `complete` nothing is missing.
      for (const chunk of chunks.slice(complete)) {
        if (chunk.end <= position) continue;
        if (chunk.start >= stop) break;
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

/** What of a blob is missing beside these parts of it, both in order. */
function gapsIn(size: number, had: readonly ByteRange[]): ByteRange[] {
  const ends = [...had, { start: size, end: size }];
  const gaps = ends.map(({ start }, index) => ({ start: ends[index - 1]?.end ?? 0, end: Math.min(start, size) }));
  return gaps.filter(({ start, end }) => start < end);
}
