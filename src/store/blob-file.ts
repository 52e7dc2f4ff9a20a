import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PullError } from '../errors.ts';
import { algorithmOf, type Digest, digestOf } from '../oci/digest.ts';
import { blobPath } from '../oci/layout.ts';
import type { ByteRange } from '../ports.ts';
import { diskError, onDisk, systemCode } from './disk-error.ts';
import { type Promised, sizeMismatch, verified } from './verify.ts';

const CHUNK = 512 * 1024;
const SMALL = 8 * 1024 * 1024;
// A link is never followed, and a pipe put in a blob's place cannot hang us. Windows knows neither flag.
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Where the blob lies in the layout, whether or not it is there. */
export function blobFile(root: string, digest: Digest): string {
  return join(root, blobPath(digest));
}

/** True if a regular file of exactly the blob's size lies in its place; never true for a link or a folder. */
export async function holds(root: string, blob: Promised): Promise<boolean> {
  try {
    const found = await lstat(blobFile(root, blob.digest));
    return found.isFile() && found.size === blob.size;
  } catch {
    return false;
  }
}

/**
 * The blob, at most 8 MiB, if its bytes hash to its digest; undefined if it is absent, unreadable, longer or other than
 * that.
 */
export async function readBlob(root: string, digest: Digest): Promise<Uint8Array | undefined> {
  const file = await openRegular(blobFile(root, digest), digest).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    if (file.stats.size > SMALL) return undefined;
    const bytes = await file.handle.readFile();
    return digestOf(bytes, algorithmOf(digest)) === digest ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    await file.handle.close();
  }
}

/**
 * The blob's bytes, hashed while they are read; throws BLOB_UNKNOWN, SIZE_MISMATCH, or DIGEST_MISMATCH in place of the
 * last chunk. A part of it cannot be hashed.
 */
export async function* streamBlob(
  root: string,
  blob: Promised,
  range?: ByteRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  const path = blobFile(root, blob.digest);
  const { handle, stats } = await openRegular(path, blob.digest);
  try {
    if (stats.size !== BigInt(blob.size)) throw sizeMismatch(blob, `${stats.size}`);
    if (range) yield* partOf(handle, path, range, blob.digest);
    else yield* verified(blob, chunksOf(handle, path));
  } catch (error) {
    throw inStore(error, root);
  } finally {
    await handle.close();
  }
}

/** What is wrong with a blob, and where it lies. */
function inStore(error: unknown, root: string): unknown {
  if (!(error instanceof PullError) || !WRONG.has(error.code)) return error;
  const { code, subject, reason } = error;
  return new PullError(code, subject, `${reason} in the store ${root}`, { hint: HINT_WRONG, cause: error });
}

const WRONG: ReadonlySet<string> = new Set(['DIGEST_MISMATCH', 'SIZE_MISMATCH']);
const HINT_WRONG = 'Take it away with pull-image store verify, and pull the image again: only what is gone is fetched.';

/** Takes away whatever lies in the blob's place; no error if nothing does. */
export async function removeBlob(root: string, digest: Digest): Promise<void> {
  const path = blobFile(root, digest);
  await onDisk(path, rm(path, { force: true, recursive: true }));
}

/**
 * A regular file opened for reading, with its state; throws BLOB_UNKNOWN for anything else, links and absence included.
 */
export async function openRegular(path: string, subject: string): Promise<{ handle: FileHandle; stats: BigIntStats }> {
  const kind = await kindAt(path);
  if (kind !== 'file') throw new PullError('BLOB_UNKNOWN', subject, `expected a file, found ${kind} at ${path}`);
  const handle = await onDisk(path, open(path, READ));
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile())
      throw new PullError('BLOB_UNKNOWN', subject, `expected a file, found something else at ${path}`);
    return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * The file from its start, each chunk a buffer of its own, the next one read while the reader has the last; leaves the
 * handle open.
 */
export function chunksOf(handle: FileHandle, path: string): AsyncGenerator<Uint8Array, void, undefined> {
  return partOf(handle, path, { start: 0, end: Number.POSITIVE_INFINITY });
}

/** As `chunksOf`, a part of the file; throws SIZE_MISMATCH about the subject if the file ends within it, which to a reader would look like one that is slow. */
export async function* partOf(
  handle: FileHandle,
  path: string,
  { start, end }: ByteRange,
  subject = path,
): AsyncGenerator<Uint8Array, void, undefined> {
  const readAt = (position: number) => {
    const length = Math.min(CHUNK, end - position);
    const read =
      length > 0
        ? onDisk(path, handle.read(Buffer.allocUnsafeSlow(length), 0, length, position))
        : Promise.resolve({ buffer: Buffer.alloc(0), bytesRead: 0 });
    // The reader may leave, or be late to ask.
    read.catch(() => {});
    return read;
  };
  let position = start;
  for (let next = readAt(start); ; ) {
    const { buffer, bytesRead } = await next;
    if (bytesRead === 0) {
      if (position >= end || end === Number.POSITIVE_INFINITY) return;
      throw new PullError('SIZE_MISMATCH', subject, `its file ended at ${position}`);
    }
    position += bytesRead;
    next = readAt(position);
    yield buffer.subarray(0, bytesRead);
  }
}

async function kindAt(path: string): Promise<string> {
  try {
    const found = await lstat(path);
    if (found.isFile()) return 'file';
    if (found.isSymbolicLink()) return 'a symbolic link';
    return found.isDirectory() ? 'a folder' : 'a special file';
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return 'nothing';
    throw diskError(path, error);
  }
}
