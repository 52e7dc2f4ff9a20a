import { PullError } from '../errors.ts';
import { formatBytes } from '../lib/format.ts';

/** How much may come out of packed data: `free` bytes in any case, and beyond them `ratio` bytes for each that was packed. */
export interface Bounds {
  readonly free: number;
  readonly ratio: number;
}

/** Layers of programs and data unpack to three or four times their size; what reaches both is made to fill a disk. */
export const BOUNDS: Bounds = { free: 16 * 1024 ** 3, ratio: 200 };

/** For what was packed here. */
export const UNBOUNDED: Bounds = { free: Number.POSITIVE_INFINITY, ratio: 1 };

/** The bytes as they come, `packed` telling out of how many; throws UNSUPPORTED about the subject as soon as they are more than the bounds let pass. */
export async function* bounded(
  plain: AsyncIterable<Uint8Array>,
  packed: () => number,
  subject: string,
  { free, ratio }: Bounds = BOUNDS,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of plain) {
    bytes += chunk.byteLength;
    if (bytes > free && bytes > ratio * packed()) throw tooMuch(packed(), subject, { free, ratio });
    yield chunk;
  }
}

function tooMuch(packed: number, subject: string, { free, ratio }: Bounds): PullError {
  const reason = `${formatBytes(packed)} unpack to more than ${formatBytes(Math.max(free, ratio * packed))}, ${ratio} times as much, and are taken for a decompression bomb`;
  return new PullError('UNSUPPORTED', subject, reason, { hint: 'Do not unpack it where its size could do harm.' });
}
