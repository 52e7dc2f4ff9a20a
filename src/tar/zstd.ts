import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { PullError } from '../errors.ts';

const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;

/** True for bytes that begin as a zstd frame, skippable ones included (RFC 8878 §3.1): a media type may lie, the magic number does not. */
export function isZstd(head: Uint8Array): boolean {
  if (head.byteLength < 4) return false;
  const magic = Buffer.from(head.subarray(0, 4)).readUInt32LE();
  return magic === FRAME || isSkippable(magic);
}

/** What zstd data holds, however many frames it has. Throws UNSUPPORTED if it is not what it seems or this Node cannot unpack it, and what `chunks` throws as it is. */
export async function* unzstd(chunks: AsyncIterable<Uint8Array>, subject: string): AsyncGenerator<Uint8Array> {
  // A static import of the name would not even link on Node 20.
  const create = (zlib as Partial<typeof zlib>).createZstdDecompress;
  if (!create) {
    const reason = `is zstd, which Node ${process.version} does not unpack`;
    throw new PullError('UNSUPPORTED', subject, reason, {
      hint: 'Run on Node 22.15 or later. Layers of images Docker unpacks itself from 23 on.',
    });
  }
  const plain = create();
  let own = true;
  const source = Readable.from(splitAtFrames(noting(chunks, () => (own = false))));
  const written = pipeline(source, plain);
  // The reader below is told of the same failure.
  written.catch(() => {});
  try {
    yield* plain;
  } catch (error) {
    if (!own) throw error;
    throw new PullError('UNSUPPORTED', subject, `begins as zstd, but cannot be unpacked: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The chunks; tells if their own iteration throws. */
async function* noting(chunks: AsyncIterable<Uint8Array>, failed: () => void): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        failed();
        throw error;
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** The same bytes, no chunk reaching over the end of a frame: Node drops what a chunk holds behind it. */
async function* splitAtFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const upToFrameEnd = frameMeter();
  for await (const chunk of chunks) {
    for (let rest = chunk; rest.byteLength > 0; ) {
      const length = upToFrameEnd(rest);
      yield rest.subarray(0, length);
      rest = rest.subarray(length);
    }
  }
}

/** Says of each piece, fed in order, how many of its bytes belong to the frame that is under way. */
function frameMeter(): (piece: Uint8Array) => number {
  let walk = walkFrame();
  let wish = walk.next().value;
  let held = Buffer.alloc(0);
  return (piece) => {
    let at = 0;
    while (wish !== undefined && at < piece.byteLength) {
      const taken = Math.min(wish.bytes, piece.byteLength - at);
      if (wish.read) held = Buffer.concat([held, piece.subarray(at, at + taken)]);
      at += taken;
      wish = { ...wish, bytes: wish.bytes - taken };
      while (wish !== undefined && wish.bytes === 0) {
        wish = walk.next(held).value ?? undefined;
        held = Buffer.alloc(0);
      }
    }
    if (wish === undefined) {
      walk = walkFrame();
      wish = walk.next().value;
    }
    return at;
  };
}

interface Wish {
  readonly bytes: number;
  /** False for bytes that only have to be passed over. */
  readonly read: boolean;
}

const read = (bytes: number): Wish => ({ bytes, read: true });
const skip = (bytes: number): Wish => ({ bytes, read: false });
const isSkippable = (magic: number): boolean => (magic & 0xfffffff0) >>> 0 === SKIPPABLE;

/** RFC 8878 §3.1.1 and §3.1.2: from the magic number to the last byte of one frame. */
function* walkFrame(): Generator<Wish, undefined, Buffer> {
  const magic = (yield read(4)).readUInt32LE();
  if (isSkippable(magic)) {
    yield skip((yield read(4)).readUInt32LE());
    return;
  }
  // Not a frame: whoever unpacks it will complain.
  if (magic !== FRAME) yield skip(Number.POSITIVE_INFINITY);
  const descriptor = (yield read(1)).readUInt8();
  const single = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const contentSize = descriptor >> 6 === 0 ? Number(single) : 1 << (descriptor >> 6);
  yield skip(Number(!single) + dictionary + contentSize);
  for (;;) {
    const block = (yield read(3)).readUIntLE(0, 3);
    const isRle = ((block >> 1) & 3) === 1;
    yield skip(isRle ? 1 : block >> 3);
    if (block & 1) break;
  }
  if (descriptor & 4) yield skip(4);
  return undefined;
}
