import type { ByteRange } from '../ports.ts';

/** Which bytes of a file are in it. */
export interface Coverage {
  /** The parts of a range that are not in it; they count as being in it from now on. */
  claim(start: number, end: number): readonly ByteRange[];
  /** The first byte that is not in it. */
  frontier(): number;
}

/** Nothing is in it. Memory: a range for each gap. */
export function newCoverage(): Coverage {
  /** In order, with a gap between each and the next. */
  let ranges: ByteRange[] = [];
  return {
    claim(start, end) {
      const last = ranges.at(-1);
      // As nearly all bytes come: in turn.
      if (last && ranges.length === 1 && last.start === 0 && last.end === start) {
        ranges = [{ start: 0, end }];
        return [{ start, end }];
      }
      const missing: ByteRange[] = [];
      let from = start;
      let merged = { start, end };
      const others: ByteRange[] = [];
      for (const known of ranges) {
        if (known.end < start || known.start > end) {
          others.push(known);
          continue;
        }
        if (known.start > from) missing.push({ start: from, end: known.start });
        from = Math.max(from, known.end);
        merged = { start: Math.min(merged.start, known.start), end: Math.max(merged.end, known.end) };
      }
      if (from < end) missing.push({ start: from, end });
      ranges = [...others, merged].sort((a, b) => a.start - b.start);
      return missing;
    },
    frontier: () => (ranges[0]?.start === 0 ? ranges[0].end : 0),
  };
}
