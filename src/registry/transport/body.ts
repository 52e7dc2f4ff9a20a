/** Bytes read up to a limit. */
export interface Taken {
  readonly bytes: Uint8Array;
  /** True if there was more. */
  readonly cut: boolean;
}

/** The first `limit` bytes of a body; the rest is not read. Throws what the body throws. */
export async function takeBytes(body: AsyncIterable<Uint8Array>, limit: number): Promise<Taken> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > limit) break;
  }
  const bytes = Buffer.concat(chunks, Math.min(size, limit));
  return { bytes, cut: size > limit };
}

/** How fast a body must come at least: so many bytes in each window of so many milliseconds, and whole within `totalMs`, if there is one. */
export interface Pace {
  readonly bytes: number;
  readonly windowMs: number;
  readonly totalMs?: number | undefined;
}

/**
 * The body as it comes; throws what `tooSlow` makes of the bytes and milliseconds once it keeps the pace no longer. Only the time spent waiting for it counts,
 * not what its reader takes.
 */
export async function* keepingPace(
  body: AsyncIterable<Uint8Array>,
  { bytes: least, windowMs, totalMs = Number.POSITIVE_INFINITY }: Pace,
  tooSlow: (bytes: number, ms: number) => Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  let [bytes, waited, all, total] = [0, 0, 0, 0];
  let askedAt = performance.now();
  for await (const chunk of body) {
    const took = performance.now() - askedAt;
    waited += took;
    total += took;
    bytes += chunk.byteLength;
    all += chunk.byteLength;
    if (bytes >= least) [bytes, waited] = [0, 0];
    if (waited > windowMs) throw tooSlow(bytes, waited);
    if (total > totalMs) throw tooSlow(all, total);
    yield chunk;
    askedAt = performance.now();
  }
}
