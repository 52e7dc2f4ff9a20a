import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cancelled, PullError } from '../errors.ts';
import type { Content } from '../ports.ts';
import { blobFile, chunksOf, holds, openRegular, removeBlob } from './blob-file.ts';
import { diskError, onDisk, systemCode } from './disk-error.ts';
import { fill } from './fill.ts';
import type { FillPool } from './fill-pool.ts';
import { type Promised, proofOf, sizeMismatch } from './verify.ts';

/** The folder of everything unfinished; what lies there is named nowhere. */
export const INGEST = 'ingest';
const PUBLIC_MODE = 0o444;

/** A path of its own for something unfinished. */
export function ingestPath(root: string): string {
  return join(root, INGEST, randomUUID());
}

/**
 * The door for bytes that arrive. They are counted and hashed on their way into a temp file, which takes the blob's
 * place only when they are proved to be the blob. Throws SIZE_MISMATCH, DIGEST_MISMATCH, DISK_FULL, STORE_UNUSABLE, or
 * what the content throws; then nothing is left behind. Memory: 4 MiB, whatever the size. `written` is told of bytes that
 * are in the file, from its start.
 */
export async function writeBlob(
  root: string,
  blob: Promised,
  content: Content,
  written: (file: string, bytes: number) => void = () => {},
  pool?: FillPool,
): Promise<void> {
  const temp = ingestPath(root);
  const handle = await onDisk(temp, open(temp, 'wx+', 0o600));
  try {
    try {
      await fill({ handle, path: temp, written: (bytes) => written(temp, bytes) }, blob, content, pool);
      await onDisk(temp, handle.chmod(PUBLIC_MODE));
    } finally {
      await onDisk(temp, handle.close());
    }
    await settle(root, temp, blob);
  } catch (error) {
    await rm(temp, { force: true }).catch(() => {});
    throw error;
  }
}

/**
 * The door for a file of this machine: hashed where it lies, then moved in, or copied in from another file system; gone
 * from its old place either way. Links, special files and files with a second name are refused with BLOB_UNKNOWN, wrong
 * bytes as in `writeBlob`; a refused file stays where it is.
 */
export async function adoptBlob(root: string, file: string, blob: Promised, signal?: AbortSignal): Promise<void> {
  const { handle, stats } = await openRegular(file, file);
  try {
    // Through a second name the bytes could be changed after they were proved.
    if (stats.nlink !== 1n) throw new PullError('BLOB_UNKNOWN', file, `expected one link, found ${stats.nlink}`);
    if (stats.size !== BigInt(blob.size)) throw sizeMismatch(blob, `${stats.size}`);
    const proof = proofOf(blob);
    for await (const chunk of chunksOf(handle, file)) {
      if (signal?.aborted) throw cancelled();
      proof.take(chunk);
    }
    proof.end();
    if (!(await moveIn(root, file, { handle, stats }, blob))) {
      await writeBlob(root, blob, chunksOf(handle, file));
      await onDisk(file, rm(file, { force: true }));
    }
  } finally {
    await handle.close();
  }
}

/** False if the file cannot be moved and must be copied: it lies on another file system, or belongs to another user. */
async function moveIn(
  root: string,
  file: string,
  proved: { handle: FileHandle; stats: BigIntStats },
  blob: Promised,
): Promise<boolean> {
  const temp = ingestPath(root);
  try {
    await proved.handle.chmod(PUBLIC_MODE);
    await rename(file, temp);
  } catch (error) {
    if (['EXDEV', 'EPERM', 'EACCES'].includes(systemCode(error) ?? '')) return false;
    throw diskError(file, error);
  }
  try {
    const moved = await onDisk(temp, lstat(temp, { bigint: true }));
    const now = await onDisk(temp, proved.handle.stat({ bigint: true }));
    if (moved.ino !== now.ino || moved.dev !== now.dev || now.mtimeNs !== proved.stats.mtimeNs || now.nlink !== 1n) {
      throw new PullError(
        'DIGEST_MISMATCH',
        file,
        `expected ${blob.digest}, found a file that changed while it was read`,
      );
    }
    // Wherever the file comes from, it is a young blob: a sweep spares those.
    const seconds = Date.now() / 1000;
    await onDisk(temp, proved.handle.utimes(seconds, seconds));
    await settle(root, temp, blob);
    return true;
  } catch (error) {
    await rename(temp, file).catch(() => {});
    throw error;
  }
}

/** Puts a proved file into the blob's place, over anything that is not the blob. */
async function settle(root: string, temp: string, blob: Promised): Promise<void> {
  const target = blobFile(root, blob.digest);
  try {
    await rename(temp, target);
  } catch {
    // The first blob of its algorithm, a folder in the way, or on Windows the same blob, read-only or open.
    await onDisk(dirname(target), mkdir(dirname(target), { recursive: true }));
    if (await holds(root, blob)) return rm(temp, { force: true });
    await removeBlob(root, blob.digest);
    await onDisk(target, rename(temp, target));
  }
}
