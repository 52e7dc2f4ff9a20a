import { lstat, open, rm } from 'node:fs/promises';
import { PullError } from '../errors.ts';
import { gate } from '../lib/pool.ts';
import type { Upload } from '../ports/store-contents.ts';
import { onDisk, unlessAbsent } from './disk-error.ts';
import { writeAll } from './fill.ts';
import { adoptBlob, ingestPath } from './ingest.ts';

/** A blob that comes in parts: they lie in `ingest/` until the whole is proved, and go with `cancel`, or an hour after the last. */
export async function beginUpload(root: string, signal?: AbortSignal): Promise<Upload> {
  const path = ingestPath(root);
  await onDisk(path, (await onDisk(path, open(path, 'wx', 0o600))).close());
  const oneAtATime = gate(1);
  let size = 0;

  async function append(content: AsyncIterable<Uint8Array>, length = Number.POSITIVE_INFINITY): Promise<void> {
    const handle = await unlessAbsent(path, open(path, 'r+'));
    if (!handle) throw new PullError('BLOB_UNKNOWN', 'upload', 'nothing came for so long that a sweep took it away');
    const start = size;
    let came = 0;
    try {
      // What is too much is read to its end, or nobody would hear the answer.
      for await (const chunk of content) {
        came += chunk.byteLength;
        if (came > length) continue;
        await onDisk(path, writeAll(handle, chunk, size));
        size += chunk.byteLength;
      }
      if (length === Number.POSITIVE_INFINITY || came === length) return;
      size = start;
      await onDisk(path, handle.truncate(start));
      throw new PullError('SIZE_MISMATCH', 'upload', `expected a chunk of ${length} bytes, found ${came}`);
    } finally {
      await handle.close();
    }
  }

  return {
    get size() {
      return size;
    },
    exists: async () => (await unlessAbsent(path, lstat(path))) !== undefined,
    append: (content, from, length) =>
      oneAtATime(async () => {
        if (from !== undefined && from !== size) return false;
        await append(content, length);
        return true;
      }),
    keep: (digest) => oneAtATime(() => adoptBlob(root, path, { digest, size }, signal)),
    cancel: () => oneAtATime(() => onDisk(path, rm(path, { force: true }))),
  };
}
