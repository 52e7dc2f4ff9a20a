/** Bytes taken from a stream as they are needed. */
export interface ByteReader {
  /** Exactly so many, or fewer at the end of the stream. */
  take(count: number): Promise<Buffer>;
  /** The next so many as they come; fewer only at the end of the stream. */
  stream(count: number): AsyncGenerator<Uint8Array, void, undefined>;
  /** Gives the stream up. */
  close(): Promise<void>;
}

/** Reads from chunks of any size; a chunk is not kept beyond the next call. Throws what the chunks throw. */
export function byteReader(chunks: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);

  async function more(): Promise<boolean> {
    while (rest.byteLength === 0) {
      const next = await iterator.next();
      if (next.done) return false;
      rest = next.value;
    }
    return true;
  }

  async function* stream(count: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = count; left > 0 && (await more()); ) {
      const part = rest.subarray(0, left);
      rest = rest.subarray(part.byteLength);
      left -= part.byteLength;
      yield part;
    }
  }

  return {
    stream,
    async take(count) {
      const parts: Uint8Array[] = [];
      for await (const part of stream(count)) parts.push(Buffer.from(part));
      return Buffer.concat(parts);
    },
    close: async () => void (await iterator.return?.()),
  };
}
