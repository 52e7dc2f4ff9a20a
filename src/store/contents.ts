import { lstat } from 'node:fs/promises';
import type { Digest } from '../oci/digest.ts';
import type { StoreContents } from '../ports/store-contents.ts';
import { blobFile, removeBlob } from './blob-file.ts';
import { type ExclusiveOptions, exclusiveIn } from './exclusive.ts';
import { leasedDigests } from './lease.ts';
import { listNames, removeName } from './names.ts';
import { startsOf, storeWalk } from './reachable.ts';
import { foreignTargets, rebuildIndex } from './root-index.ts';
import { beginUpload } from './upload.ts';

export interface ContentsOptions extends ExclusiveOptions {
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
}

/** What the layout in this folder holds, and its way out; a store must have been opened there before. */
export function storeContents(root: string, options: ContentsOptions = {}): StoreContents {
  const { now = Date.now, signal } = options;
  const exclusive = exclusiveIn(root, options);

  return {
    names: () => listNames(root),
    sizeOf: (digest) => sizeOf(root, digest),
    upload: () => beginUpload(root, signal),

    async forget(names) {
      if (names.length === 0) return;
      await exclusive(async () => {
        // First of all from index.json: there a name without a file would be taken for another tool's.
        await rebuildIndex(root, new Set(names));
        for (const name of names) await removeName(root, name);
      });
    },

    remove: (digest) =>
      exclusive(async () => {
        if (await isNeeded(root, digest, now())) return false;
        await removeBlob(root, digest);
        return true;
      }),
  };
}

async function sizeOf(root: string, digest: Digest): Promise<number | undefined> {
  const found = await lstat(blobFile(root, digest)).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

async function isNeeded(root: string, digest: Digest, now: number): Promise<boolean> {
  if ((await leasedDigests(root, now)).blobs.has(digest)) return true;
  const records = await listNames(root);
  const reached = await storeWalk(root)([...records.flatMap(startsOf), ...(await foreignTargets(root, records))]);
  return reached.has(digest);
}
