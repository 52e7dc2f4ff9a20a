import type { BigIntStats } from 'node:fs';
import { link, lstat, rename, rm } from 'node:fs/promises';
import { onDisk, systemCode } from './disk-error.ts';
import { ingestPath } from './ingest.ts';

/** Tells a file from any other that may take its place, and from itself after it was written to or touched. */
export type Mark = string & { readonly mark?: never };

export function markOf({ dev, ino, mtimeNs, size }: BigIntStats): Mark {
  return `${dev} ${ino} ${mtimeNs} ${size}`;
}

/**
 * Removes what lies at `path` if it still bears the mark; what somebody touched or put there since stays. True if it was
 * removed, false if it stayed or was gone. Throws STORE_UNUSABLE.
 */
export async function removeUnchanged(root: string, path: string, mark: Mark): Promise<boolean> {
  // Looked at where nobody else reaches it: between a look and a removal in place others could come in.
  const away = ingestPath(root);
  try {
    await rename(path, away);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    return onDisk(path, Promise.reject(error));
  }
  const unchanged = markOf(await onDisk(away, lstat(away, { bigint: true }))) === mark;
  if (!unchanged) await putBack(away, path);
  await onDisk(away, rm(away, { force: true, recursive: true }));
  return unchanged;
}

/** Unless there is something newer in its place. */
async function putBack(away: string, path: string): Promise<void> {
  try {
    await link(away, path);
  } catch (error) {
    // Some file systems know no second names.
    if (systemCode(error) !== 'EEXIST') await onDisk(path, rename(away, path));
  }
}
