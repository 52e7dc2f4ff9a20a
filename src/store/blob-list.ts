import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gate } from '../lib/pool.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { unlessAbsent } from './disk-error.ts';
import { type Mark, markOf } from './unchanged.ts';

/** What lies in a blob's place. */
export interface StoredBlob {
  readonly digest: Digest;
  readonly path: string;
  /** False for a link, a folder or a special file. */
  readonly regular: boolean;
  /** Bytes. */
  readonly size: number;
  /** By the clock of the file system, milliseconds since the epoch. */
  readonly writtenAt: number;
  readonly mark: Mark;
}

const ALGORITHMS = ['sha256', 'sha512'];
const AT_ONCE = 16;

/** Everything in `blobs/` that has the name of a blob, whatever it is; what vanishes meanwhile is left out. */
export async function listBlobs(root: string): Promise<readonly StoredBlob[]> {
  const limit = gate(AT_ONCE);
  const found = await Promise.all(
    ALGORITHMS.map(async (algorithm) => {
      const folder = join(root, 'blobs', algorithm);
      const names = (await unlessAbsent(folder, readdir(folder))) ?? [];
      return Promise.all(names.map((name) => limit(() => blobAt(join(folder, name), `${algorithm}:${name}`))));
    }),
  );
  return found.flat().filter((blob) => blob !== undefined);
}

async function blobAt(path: string, digest: string): Promise<StoredBlob | undefined> {
  if (!isDigest(digest)) return undefined;
  const stats: BigIntStats | undefined = await unlessAbsent(path, lstat(path, { bigint: true }));
  if (stats === undefined) return undefined;
  const regular = stats.isFile();
  const size = regular ? Number(stats.size) : 0;
  return { digest, path, regular, size, writtenAt: Number(stats.mtimeMs), mark: markOf(stats) };
}
