import { PullError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import { streamBlob } from './blob-file.ts';
import { listBlobs, type StoredBlob } from './blob-list.ts';
import type { Exclusive } from './exclusive.ts';
import { rebuildIndex } from './root-index.ts';
import { removeUnchanged } from './unchanged.ts';

export interface Checked {
  /** How many were hashed, and their bytes. */
  readonly blobs: number;
  readonly bytes: number;
  /** Those that were something else and are gone. */
  readonly wrong: readonly { readonly digest: Digest; readonly reason: string }[];
}

/**
 * Hashes every blob and removes what is not what its name says, links and folders too; `index.json` lists nothing that is
 * gone. A blob that another process makes right meanwhile stays. Throws STORE_UNUSABLE if one cannot be read.
 */
export async function checkStore(root: string, exclusive: Exclusive): Promise<Checked> {
  const blobs = await listBlobs(root);
  const wrong: { digest: Digest; reason: string }[] = [];
  for (const blob of blobs) {
    const reason = await faultOf(root, blob);
    if (reason !== undefined && (await removeUnchanged(root, blob.path, blob.mark))) {
      wrong.push({ digest: blob.digest, reason });
    }
  }
  if (wrong.length > 0) await exclusive(() => rebuildIndex(root));
  return { blobs: blobs.length, bytes: blobs.reduce((sum, { size }) => sum + size, 0), wrong };
}

async function faultOf(root: string, { digest, size }: StoredBlob): Promise<string | undefined> {
  try {
    for await (const _ of streamBlob(root, { digest, size }));
    return undefined;
  } catch (error) {
    if (error instanceof PullError && FAULTS.includes(error.code)) return error.reason;
    throw error;
  }
}

const FAULTS = ['BLOB_UNKNOWN', 'SIZE_MISMATCH', 'DIGEST_MISMATCH'];
