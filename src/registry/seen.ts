import type { ByteRange, Landed, Piece } from '../ports.ts';

/** Which bytes of a blob were handed on, when one place goes on where another broke off. */
export interface Seen {
  /** Bytes handed on. */
  bytes(): number;
  /** Where they are in the blob, in order, no range next to another. */
  ranges(): readonly ByteRange[];
  /** What of a chunk or piece was not handed on before; it counts as handed on from now on. */
  fresh(chunk: Uint8Array | Piece | Landed, position: number): readonly (Uint8Array | Piece | Landed)[];
}

/** Nothing was handed on. After pieces everything is a piece; memory: a range for each gap. */
export function nothingSeen(): Seen {
  let ranges: readonly ByteRange[] = [];
  let total = 0;
  let pieces = false;

  /** The parts of a range that are new; then it is known. */
  function add(range: ByteRange): readonly ByteRange[] {
    const missing: ByteRange[] = [];
    let { start } = range;
    let merged = range;
    const others: ByteRange[] = [];
    for (const known of ranges) {
      if (known.end < range.start || known.start > range.end) {
        others.push(known);
        continue;
      }
      if (known.start > start) missing.push({ start, end: known.start });
      start = Math.max(start, known.end);
      merged = { start: Math.min(merged.start, known.start), end: Math.max(merged.end, known.end) };
    }
    if (start < range.end) missing.push({ start, end: range.end });
    ranges = [...others, merged].sort((a, b) => a.start - b.start);
    return missing;
  }

  return {
    bytes: () => total,
    ranges: () => ranges,
    fresh(chunk, position) {
      if ('landed' in chunk) {
        pieces = true;
        // One of no bytes is a sign, and has to arrive.
        if (chunk.landed === 0) return [chunk];
        const missing = add({ start: chunk.position, end: chunk.position + chunk.landed });
        total += missing.reduce((sum, { start, end }) => sum + end - start, 0);
        return missing.map(({ start, end }) => ({ position: start, landed: end - start }));
      }
      const piece = 'position' in chunk ? chunk : { position, bytes: chunk };
      pieces ||= 'position' in chunk;
      const { byteLength } = piece.bytes;
      const missing = add({ start: piece.position, end: piece.position + byteLength });
      total += missing.reduce((sum, { start, end }) => sum + end - start, 0);
      const [only] = missing;
      if (missing.length === 1 && only && only.end - only.start === byteLength && (!pieces || 'position' in chunk))
        return [chunk];
      return missing.map(({ start, end }) => {
        const bytes = piece.bytes.subarray(start - piece.position, end - piece.position);
        return pieces ? { position: start, bytes: bytes.slice() } : bytes;
      });
    },
  };
}
