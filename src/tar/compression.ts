import { Readable } from 'node:stream';
import zlib from 'node:zlib';
import { PullError } from '../errors.ts';
import { BOUNDS, type Bounds, bounded } from './bounds.ts';
import { isZstd, unzstd } from './zstd.ts';

/** What is known of packed data; `size` in bytes, of all of it. */
export interface Packed {
  readonly size?: number;
  readonly bounds?: Bounds;
}

/**
 * What gzip or zstd data holds, known by its first bytes; anything else as it is. Throws INPUT_INVALID or UNSUPPORTED for what cannot be unpacked or is more than the
 * bounds let pass, and what the chunks throw.
 */
export async function* decompressed(
  chunks: AsyncIterable<Uint8Array>,
  subject: string,
  { size, bounds = BOUNDS }: Packed = {},
): AsyncGenerator<Uint8Array> {
  const meter = metered(chunks);
  const packed = () => size ?? meter.bytes();
  const iterator = meter.chunks[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  for (let length = 0; length < 4; ) {
    const next = await iterator.next();
    if (next.done) break;
    head.push(Buffer.from(next.value));
    length += next.value.byteLength;
  }
  const first = Buffer.concat(head);
  const whole = joined(first, iterator);
  if (isZstd(first)) yield* bounded(unzstd(whole, subject), packed, subject, bounds);
  else if (first[0] === 0x1f && first[1] === 0x8b) yield* bounded(gunzip(whole, subject), packed, subject, bounds);
  else if (OTHERS[first.toString('latin1', 0, 3)]) throw unknown(OTHERS[first.toString('latin1', 0, 3)] ?? '', subject);
  else yield* whole;
}

/** The chunks, and how many bytes were taken of them. */
function metered(chunks: AsyncIterable<Uint8Array>) {
  let bytes = 0;
  async function* counted() {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      yield chunk;
    }
  }
  return { chunks: counted(), bytes: () => bytes };
}

/** By their first three bytes, programs that unpack what Node does not. */
const OTHERS: Readonly<Record<string, string>> = { '\u00fd7z': 'xz', BZh: 'bzip2' };

function unknown(program: string, subject: string): PullError {
  return new PullError('UNSUPPORTED', subject, `is compressed by ${program}, which is not unpacked here`, {
    hint: `Unpack it on the way: ${program} -dc FILE | pull-image …`,
  });
}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (;;) {
      const next = await rest.next();
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>, subject: string): AsyncGenerator<Uint8Array> {
  let failure: unknown;
  async function* noting() {
    try {
      yield* chunks;
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  const source = Readable.from(noting(), { objectMode: false });
  const plain = source.pipe(zlib.createGunzip());
  source.once('error', (error) => plain.destroy(error));
  try {
    yield* plain;
  } catch (error) {
    if (failure) throw failure;
    throw new PullError(
      'INPUT_INVALID',
      subject,
      `begins as gzip, but cannot be unpacked: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  } finally {
    source.destroy();
  }
}

/** How a file of this name is to be compressed. */
export function compressionOf(name: string): 'gzip' | 'zstd' | undefined {
  if (/\.(tgz|gz)$/i.test(name)) return 'gzip';
  return /\.(zst|tzst|zstd)$/i.test(name) ? 'zstd' : undefined;
}

/** Throws UNSUPPORTED where this Node does not compress by zstd. */
export function needZstd(): NonNullable<Partial<typeof zlib>['createZstdCompress']> {
  // A static import of the name would not even link on Node 20.
  const create = (zlib as Partial<typeof zlib>).createZstdCompress;
  if (create) return create;
  throw new PullError('UNSUPPORTED', 'zstd', `Node ${process.version} does not compress so`, {
    hint: 'Use a name that ends in .gz, or run on Node 22.15 or later.',
  });
}

/** The chunks compressed, or as they are; what the chunks throw is thrown as it is. */
export async function* compressed(
  chunks: AsyncIterable<Uint8Array>,
  how: 'gzip' | 'zstd' | undefined,
): AsyncGenerator<Uint8Array> {
  if (how === undefined) return yield* chunks;
  const source = Readable.from(chunks, { objectMode: false });
  const out = source.pipe(how === 'gzip' ? zlib.createGzip() : needZstd()());
  source.once('error', (error) => out.destroy(error));
  try {
    yield* out;
  } finally {
    source.destroy();
  }
}
