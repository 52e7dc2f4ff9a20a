import { PullError } from '../errors.ts';
import { oneChunk } from '../lib/one-chunk.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { digestOf } from '../oci/digest.ts';
import { indexJson } from '../oci/layout.ts';
import { OCI_INDEX } from '../oci/media-types.ts';
import { formatPlatform, normalizePlatform } from '../oci/platform.ts';
import type { Store } from '../ports.ts';
import type { HeldManifest } from './contents.ts';
import type { Shelved } from './shelf.ts';

/**
 * Writes an OCI index of the images' platforms and attestations, in their order, and returns its descriptor. Equal images give equal bytes. Throws INPUT_INVALID if two
 * images have the same platform, PLATFORM_NOT_FOUND for one that says none, BLOB_UNKNOWN if the store lacks a blob of one.
 */
export async function composeIndex(store: Store, images: readonly Shelved[]): Promise<Descriptor> {
  const manifests: Descriptor[] = [];
  const owners = new Map<string, Shelved>();
  for (const image of images) {
    for (const held of image.contents.held) {
      await checkHeld(store, image, held);
      if (manifests.some(({ digest }) => digest === held.descriptor.digest)) continue;
      if (!held.attestation) claim(owners, image, held);
      manifests.push(childOf(held.descriptor));
    }
  }
  const bytes = Buffer.from(indexJson(manifests));
  const target = { mediaType: OCI_INDEX, digest: digestOf(bytes), size: bytes.byteLength };
  if (!(await store.has(target))) await store.write(target, oneChunk(bytes));
  return target;
}

function claim(owners: Map<string, Shelved>, image: Shelved, { descriptor }: HeldManifest): void {
  if (!descriptor.platform)
    throw new PullError('PLATFORM_NOT_FOUND', image.name, 'its config names no OS and architecture', {
      hint: 'An index tells its images apart by their platforms.',
    });
  const platform = formatPlatform(normalizePlatform(descriptor.platform));
  const owner = owners.get(platform);
  if (owner)
    throw new PullError('INPUT_INVALID', platform, `is both in ${owner.name} and in ${image.name}`, {
      hint: 'Leave one of them out.',
    });
  owners.set(platform, image);
}

async function checkHeld(store: Store, { name }: Shelved, { manifest }: HeldManifest): Promise<void> {
  for (const blob of [manifest.config, ...manifest.layers])
    if (!blob.urls?.length && !(await store.has(blob)))
      throw new PullError('BLOB_UNKNOWN', name, `the store lacks ${blob.digest}`, { hint: 'Pull the image again.' });
}

/** What an index says of a manifest; attestations keep the annotations that say whose they are. */
const childOf = ({ mediaType, digest, size, platform, annotations }: Descriptor): Descriptor => ({
  mediaType,
  digest,
  size,
  platform,
  annotations,
});
