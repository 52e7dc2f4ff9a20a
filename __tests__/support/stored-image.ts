import { readdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { blobPath, INDEX_FILE, REF_NAME } from '../../src/oci/layout.ts';
import type { Store } from '../../src/ports.ts';
import { type ImageBag, type ImageRecipe, imageBag } from './image-builder.ts';
import { inChunks } from './store-blobs.ts';

/** An image with the blobs it is made of: layers and config first, documents last. */
export interface Made {
  readonly target: Descriptor;
  readonly blobs: readonly Descriptor[];
  readonly bag: ImageBag;
}

/** An image of one platform. Equal recipes give equal bytes. */
export async function makeImage(recipe: ImageRecipe): Promise<Made> {
  const bag = imageBag();
  const { platform: _, ...target } = await bag.image(recipe);
  return { target, blobs: [...bag.blobs.values()].map(({ descriptor }) => descriptor), bag };
}

/** An index of several platforms, which all lie in one bag. */
export async function makeIndex(
  ...recipes: readonly ImageRecipe[]
): Promise<Made & { readonly manifests: readonly Descriptor[] }> {
  const bag = imageBag();
  const manifests: Descriptor[] = [];
  for (const recipe of recipes) manifests.push(await bag.image(recipe));
  const target = bag.index(manifests);
  return { target, manifests, blobs: [...bag.blobs.values()].map(({ descriptor }) => descriptor), bag };
}

/** Writes what the store lacks of the blobs. */
export async function writeBlobs(store: Store, { bag }: Made, blobs: readonly Descriptor[]): Promise<void> {
  for (const blob of blobs) {
    const bytes = bag.blobs.get(blob.digest)?.bytes;
    if (bytes && !(await store.has(blob))) await store.write(blob, inChunks(bytes));
  }
}

/** Writes all of the image and names it. */
export async function putImage(store: Store, name: string, made: Made): Promise<void> {
  await writeBlobs(store, made, made.blobs);
  await store.record([{ name, target: made.target, at: 1 }]);
}

export async function hasAll(store: Store, blobs: readonly Descriptor[]): Promise<boolean> {
  return (await Promise.all(blobs.map((blob) => store.has(blob)))).every(Boolean);
}

export const bytesOf = (...images: readonly Made[]): number => {
  const sizes = new Map(images.flatMap(({ blobs }) => blobs).map(({ digest, size }) => [digest, size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
};

const HOUR = 3600;

/** Makes blobs as old as that. */
export async function age(root: string, blobs: readonly Pick<Descriptor, 'digest'>[], hours = 2): Promise<void> {
  const then = Date.now() / 1000 - hours * HOUR;
  for (const { digest } of blobs) await utimes(join(root, blobPath(digest)), then, then);
}

/** Makes a name last used so many hours ago. */
export async function usedAgo(root: string, name: string, hours: number): Promise<void> {
  const then = Date.now() / 1000 - hours * HOUR;
  await utimes(join(root, 'names', `${digestOf(name).slice('sha256:'.length)}.json`), then, then);
}

/** Every name that `index.json` lists, sorted. */
export async function listedNames(root: string): Promise<readonly string[]> {
  const { manifests } = JSON.parse(await readFile(join(root, INDEX_FILE), 'utf8'));
  return manifests
    .map(({ annotations = {} }: { annotations?: Record<string, string> }) => annotations[REF_NAME] ?? '')
    .sort();
}

/** Every blob in the store. */
export async function blobsIn(root: string): Promise<readonly Digest[]> {
  return (await readdir(join(root, 'blobs', 'sha256'))).map((hex) => `sha256:${hex}` as Digest).sort();
}
