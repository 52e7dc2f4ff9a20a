import { blobKey, type Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { inlineData } from '../oci/manifest.ts';
import type { Repository } from '../oci/reference.ts';
import { type Leaf, leafBlobs } from './platforms.ts';
import type { Present } from './present.ts';
import type { Resolved } from './resolve.ts';

/** One blob to be fetched, and every repository of the run that has it. */
export interface PlannedBlob {
  readonly blob: Descriptor;
  readonly repositories: readonly Repository[];
  /** The bytes themselves, if a manifest carried them along. */
  readonly inline: Uint8Array | undefined;
  /** The lower, the sooner it is wanted. */
  readonly rank: number;
}

export interface Plan {
  /** Each missing blob once, in the order to ask for them. */
  readonly missing: readonly PlannedBlob[];
  /** Distinct layers of the run, held or not, and their bytes. */
  readonly layers: number;
  readonly bytes: number;
}

/**
 * Pure: what must be fetched. With an engine waiting, image by image and bottom layer first, for engines extract in that order (design §3.10); without one the
 * largest first, so that no big blob is left to run alone at the end.
 */
export function planBlobs(
  resolved: readonly Resolved[],
  present: Present,
  order: 'bottom-first' | 'largest-first',
): Plan {
  const missing = new Map<string, { blob: Descriptor; repositories: Map<string, Repository> }>();
  const layers = new Map<Digest, number>();
  for (const image of resolved) {
    if (image.kind !== 'image' || present.unloadable.has(image.key)) continue;
    const { platforms, companions } = image.resolution;
    for (const layer of platforms.flatMap(({ manifest }) => manifest.layers)) layers.set(layer.digest, layer.size);
    for (const blob of [...platforms, ...companions].flatMap((leaf) => neededBlobs(leaf, image.key, present))) {
      const planned = missing.get(blobKey(blob)) ?? { blob, repositories: new Map() };
      planned.repositories.set(`${image.reference.domain}/${image.reference.path}`, image.reference);
      missing.set(blobKey(blob), planned);
    }
  }
  const blobs = [...missing.values()].map(({ blob, repositories }, index) => ({
    blob,
    repositories: [...repositories.values()],
    inline: inlineData(blob),
    rank: order === 'bottom-first' ? index : 0,
  }));
  if (order === 'largest-first') blobs.sort((a, b) => b.blob.size - a.blob.size);
  return { missing: blobs, layers: layers.size, bytes: [...layers.values()].reduce((sum, size) => sum + size, 0) };
}

/** True if the engine holds this very leaf of the image, so that nobody needs its blobs. */
export function heldByEngine(leaf: Leaf, key: string, present: Present): boolean {
  return (present.held.get(key) ?? []).some(({ manifest }) => manifest === leaf.documents.at(-1)?.digest);
}

function neededBlobs(leaf: Leaf, key: string, present: Present): readonly Descriptor[] {
  if (heldByEngine(leaf, key, present)) return [];
  return leafBlobs(leaf).filter((blob) => !present.stored.has(blobKey(blob)));
}
