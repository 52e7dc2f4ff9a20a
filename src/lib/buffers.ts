/** Bytes of each buffer. */
export const BUFFER_SIZE = 512 * 1024;
/** More are left to the garbage collector. */
const MOST_KEPT = 32;

const kept: Buffer[] = [];

/** A buffer of half a MiB, with whatever is in it; it belongs to the caller. To allocate and free as many as a fast network fills costs more than to fill them. */
export function takeBuffer(): Buffer {
  return kept.pop() ?? Buffer.allocUnsafeSlow(BUFFER_SIZE);
}

/** Gives back the buffer under these bytes, if it is one of these; nobody may look at it again. At most 16 MiB are kept. */
export function giveBack({ buffer }: Uint8Array): void {
  if (buffer.byteLength === BUFFER_SIZE && buffer instanceof ArrayBuffer && kept.length < MOST_KEPT)
    kept.push(Buffer.from(buffer));
}
