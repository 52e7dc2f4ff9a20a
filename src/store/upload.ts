import { type FileHandle, open, rm } from 'node:fs/promises';
import { gate } from '../lib/pool.ts';
import type { Upload } from '../ports/store-contents.ts';
import { onDisk } from './disk-error.ts';
import { adoptBlob, ingestPath } from './ingest.ts';

/** A blob that comes in parts: they lie in `ingest/` until the whole is proved, and go with `cancel`, or an hour after the last. */
export async function beginUpload(root: string, signal?: AbortSignal): Promise<Upload> {
  const path = ingestPath(root);
  await onDisk(path, (await onDisk(path, open(path, 'wx', 0o600))).close());
  const oneAtATime = gate(1);
  let size = 0;

  async function append(content: AsyncIterable<Uint8Array>): Promise<void> {
    const handle = await onDisk(path, open(path, 'r+'));
    try {
      for await (const chunk of content) {
        await onDisk(path, writeAll(handle, chunk, size));
        size += chunk.byteLength;
      }
    } finally {
      await handle.close();
    }
  }

  return {
    get size() {
      return size;
    },
    append: (content, from) =>
      oneAtATime(async () => {
        if (from !== undefined && from !== size) return false;
        await append(content);
        return true;
      }),
    keep: (digest) => oneAtATime(() => adoptBlob(root, path, { digest, size }, signal)),
    cancel: () => oneAtATime(() => onDisk(path, rm(path, { force: true }))),
  };
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, position + done);
    done += bytesWritten;
  }
}
