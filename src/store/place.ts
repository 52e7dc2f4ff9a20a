import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onDisk } from './disk-error.ts';
import { ingestPath } from './ingest.ts';

/**
 * Makes `path`, relative to the store, hold exactly this text; a reader sees the old file or the new one, never a part.
 * Throws DISK_FULL or STORE_UNUSABLE.
 */
export async function placeText(root: string, path: string, text: string): Promise<void> {
  const temp = ingestPath(root);
  try {
    await onDisk(temp, writeFile(temp, text, { flag: 'wx', mode: 0o644 }));
    await onDisk(join(root, path), rename(temp, join(root, path)));
  } catch (error) {
    await rm(temp, { force: true }).catch(() => {});
    throw error;
  }
}
