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

/** A body that is already here. */
export async function* bodyOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  if (bytes.byteLength > 0) yield bytes;
}
