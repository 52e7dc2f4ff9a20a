import { statfs } from 'node:fs/promises';

/** Bytes this user may still write to the file system of `path`; Number.MAX_SAFE_INTEGER where it does not say. */
export async function freeBytesAt(path: string): Promise<number> {
  try {
    const { blocks, bavail, bsize } = await statfs(path);
    // Some network file systems know no numbers and answer with nothing but zeros.
    return blocks > 0 ? Math.min(bavail * bsize, Number.MAX_SAFE_INTEGER) : Number.MAX_SAFE_INTEGER;
  } catch {
    return Number.MAX_SAFE_INTEGER;
  }
}
