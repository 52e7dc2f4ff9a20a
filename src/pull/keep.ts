import { oneChunk } from '../lib/one-chunk.ts';
import { blobKey, type Document } from '../oci/descriptor.ts';
import type { Finishing } from './finish.ts';
import { heldByEngine } from './plan.ts';
import { leafBlobs } from './platforms.ts';
import type { Resolution } from './resolve.ts';

/** Waits for the blobs of an image, then stores its documents, children before parents: a run killed anywhere leaves spare blobs, never a broken image. */
export async function keepImage(key: string, resolution: Resolution, finishing: Finishing): Promise<void> {
  const leaves = [...resolution.platforms, ...resolution.companions];
  const needed = leaves.filter((leaf) => !heldByEngine(leaf, key, finishing.present)).flatMap(leafBlobs);
  await Promise.all(needed.map((blob) => finishing.arrivals.get(blobKey(blob))?.stored));
  // Also where the engine alone has the layers: the next run then asks no registry for them.
  for (const { documents } of leaves) {
    for (const document of [...documents].reverse()) {
      await keepDocument(document, finishing);
    }
  }
}

/** Stores a document unless it is there, or this run has stored it before. */
export async function keepDocument({ digest, bytes }: Document, { run, keepOnce }: Finishing): Promise<void> {
  const { store } = run.ports;
  await keepOnce(digest, async () => {
    if (!(await store.read(digest))) await store.write({ digest, size: bytes.byteLength }, oneChunk(bytes));
  });
}
