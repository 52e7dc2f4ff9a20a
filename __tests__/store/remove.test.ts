import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Store, StoreCare } from '../../src/ports.ts';
import { storeCare } from '../../src/store/care.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { tempFolder } from '../support/store-blobs.ts';
import { blobsIn, hasAll, listedNames, type Made, makeImage, putImage } from '../support/stored-image.ts';

let store: Store;
let care: StoreCare;
let dispose: () => Promise<void>;
let one: Made;
let two: Made;
beforeEach(async () => {
  const folder = await tempFolder();
  dispose = folder.dispose;
  store = await openStore(join(folder.path, 'store'));
  care = storeCare(store.root);
  [one, two] = [await makeImage({ layers: ['base', 'one'] }), await makeImage({ layers: ['base', 'two'] })];
  await putImage(store, 'one:1', one);
  await putImage(store, 'two:1', two);
});
afterEach(() => dispose());

test('a name goes with the blobs that it alone led to, and says which', async () => {
  const shared = one.blobs.filter(({ digest }) => two.blobs.some((other) => other.digest === digest));
  const { names, inUse, blobs } = await care.remove(['one:1', 'nobody:1']);
  expect({ names, inUse }).toEqual({ names: ['one:1'], inUse: [] });
  const gone = one.blobs.filter(({ digest }) => !shared.some((other) => other.digest === digest));
  expect(blobs.map(({ digest }) => digest).sort()).toEqual(gone.map(({ digest }) => digest).sort());
  expect(await hasAll(store, two.blobs)).toBe(true);
  expect(await listedNames(store.root)).toEqual(['two:1']);
  expect(await store.named('one:1')).toBeUndefined();
});

test('what a lease marks stays: the name whose target it is, and any blob', async () => {
  const layer = one.blobs.find(({ digest }) => !two.blobs.some((other) => other.digest === digest));
  const lease = await store.lease([two.target.digest, ...(layer ? [layer.digest] : [])]);
  const { names, inUse } = await care.remove(['one:1', 'two:1']);
  expect({ names, inUse }).toEqual({ names: ['one:1'], inUse: ['two:1'] });
  expect(layer && (await store.has(layer))).toBe(true);
  expect(await hasAll(store, two.blobs)).toBe(true);
  await store.release(lease);
  await care.remove(['two:1']);
  expect((await blobsIn(store.root)).every((digest) => digest === layer?.digest)).toBe(true);
});

test('what another tool has listed stays, with its blobs', async () => {
  const file = join(store.root, 'index.json');
  const index = JSON.parse(await readFile(file, 'utf8'));
  index.manifests.push({ ...one.target, annotations: { 'org.opencontainers.image.ref.name': 'theirs' } });
  await writeFile(file, JSON.stringify(index));
  const { names, blobs } = await care.remove(['one:1']);
  expect({ names, blobs }).toEqual({ names: ['one:1'], blobs: [] });
  expect(await hasAll(store, one.blobs)).toBe(true);
  expect(await listedNames(store.root)).toEqual(['theirs', 'two:1']);
});
