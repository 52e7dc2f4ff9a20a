import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { blobPath } from '../../src/oci/layout.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import type { Store } from '../../src/ports.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { storeWalk } from '../../src/store/reachable.ts';
import { imageBag } from '../support/image-builder.ts';
import { inChunks, randomBlob, tempFolder } from '../support/store-blobs.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let store: Store;
beforeEach(async () => {
  folder = await tempFolder();
  store = await openStore(folder.path);
});
afterEach(() => folder.dispose());

async function putBag(bag: ReturnType<typeof imageBag>) {
  for (const { bytes, descriptor } of bag.blobs.values()) await store.write(descriptor, inChunks(bytes));
}

test('an index leads to its indexes, manifests, configs and layers', async () => {
  const bag = imageBag();
  const inner = bag.index([await bag.image({ layers: ['a', 'b'] })]);
  const outer = bag.index([inner, await bag.image({ layers: ['a', 'c'], architecture: 'arm64' })]);
  await putBag(bag);
  expect(await storeWalk(store.root)([outer.digest])).toEqual(new Set(bag.blobs.keys()));
});

test('what a layer or a config holds leads nowhere, even if it looks like a manifest', async () => {
  const bag = imageBag();
  const hidden = await bag.image({ layers: ['hidden'] });
  const target = bag.add(OCI_MANIFEST, { schemaVersion: 2, config: hidden, layers: [hidden] });
  await putBag(bag);
  expect(await storeWalk(store.root)([target.digest])).toEqual(new Set([target.digest, hidden.digest]));
});

test('what is a layer here and a manifest there leads on', async () => {
  const bag = imageBag();
  const hidden = await bag.image({ layers: ['hidden'] });
  const carrier = bag.add(OCI_MANIFEST, { schemaVersion: 2, config: hidden, layers: [] });
  const outer = bag.index([carrier, bag.index([hidden])]);
  await putBag(bag);
  expect(await storeWalk(store.root)([outer.digest])).toEqual(new Set(bag.blobs.keys()));
});

test('what is absent, damaged, or of an unknown kind is reached and leads nowhere; it may lead on when it has come', async () => {
  const bag = imageBag();
  const image = await bag.image({ layers: ['a'] });
  const other = bag.add('text/plain', Buffer.from('no JSON'));
  const outer = bag.index([image, other]);
  await putBag(bag);
  await rm(join(store.root, blobPath(image.digest)));
  const walk = storeWalk(store.root);
  expect(await walk([outer.digest])).toEqual(new Set([outer.digest, image.digest, other.digest]));
  await putBag(bag);
  expect(await walk([outer.digest])).toEqual(new Set(bag.blobs.keys()));
});

test('from nothing and from what is not here nothing is reached but itself', async () => {
  const { digest } = randomBlob(4).descriptor;
  const walk = storeWalk(store.root);
  expect(await walk([])).toEqual(new Set());
  expect(await walk([digest, digest])).toEqual(new Set([digest]));
});

test('many ways to one image are walked once', async () => {
  const bag = imageBag();
  let top = await bag.image({ layers: ['a'] });
  // Each level twice: without memory that would be 2 to the power of 30.
  for (let level = 0; level < 30; level += 1) {
    const [left, right] = ['l', 'r'].map((side) => bag.add(OCI_INDEX, { schemaVersion: 2, manifests: [top], side }));
    top = { ...bag.index([left ?? top, right ?? top]), platform: { os: 'linux', architecture: 'amd64' } };
  }
  await putBag(bag);
  expect((await storeWalk(store.root)([top.digest])).size).toBe(bag.blobs.size);
});
