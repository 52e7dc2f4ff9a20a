import { BUFFER_SIZE, takeBuffer } from '../lib/buffers.ts';
import type { Flow } from '../lib/flow.ts';
import type { Piece } from '../ports.ts';

/** One stream's bytes on their way to becoming pieces. */
export interface Gather {
  /** Takes or copies the bytes, which go where they say; the promise, if there is one, must be awaited before the next call. */
  add(position: number, bytes: Uint8Array): Promise<void> | undefined;
  /** Hands on what is left. */
  flush(): Promise<void>;
}

/** Gathers for the flow; memory: one piece, as long as its consumer keeps up. */
export function gathering(pieces: Pick<Flow<Piece>, 'put'>): Gather {
  let buffer: Buffer | undefined;
  let start = 0;
  let used = 0;

  async function flush(): Promise<void> {
    if (!buffer) return;
    const piece = { position: start, bytes: buffer.subarray(0, used) };
    buffer = undefined;
    await pieces.put(piece);
  }

  async function slowly(position: number, bytes: Uint8Array): Promise<void> {
    // Nobody but a connection of ours gives so many at once, and each time in a buffer of their own.
    if (bytes.byteLength > BUFFER_SIZE / 2 && bytes.buffer.byteLength === BUFFER_SIZE) {
      await flush();
      return pieces.put({ position, bytes });
    }
    for (let done = 0; done < bytes.byteLength; ) {
      if (buffer && (used === BUFFER_SIZE || start + used !== position + done)) await flush();
      if (!buffer) {
        buffer = takeBuffer();
        start = position + done;
        used = 0;
      }
      const part = bytes.subarray(done, done + BUFFER_SIZE - used);
      buffer.set(part, used);
      used += part.byteLength;
      done += part.byteLength;
    }
  }

  return {
    add(position, bytes) {
      if (!buffer || start + used !== position || used + bytes.byteLength > BUFFER_SIZE) return slowly(position, bytes);
      buffer.set(bytes, used);
      used += bytes.byteLength;
      return undefined;
    },
    flush,
  };
}
