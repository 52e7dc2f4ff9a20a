import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import type { StoreContents } from '../../src/ports/store-contents.ts';
import type { Store } from '../../src/ports.ts';
import { storeContents } from '../../src/store/contents.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { inChunks } from '../support/store-blobs.ts';
import { listedNames, type Made, makeImage, putImage } from '../support/stored-image.ts';

let root: string;
let store: Store;
let contents: StoreContents;
let image: Made;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pull-image-contents-'));
  store = await openStore(root);
  contents = storeContents(root);
  image = await makeImage({ layers: ['base', 'top'] });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const namesNow = async () => (await contents.names()).map(({ name }) => name);
const bytes = Buffer.from('what comes in parts');
const digest = digestOf(bytes);

test('names that are forgotten are gone from index.json too, the others stay, and so do the blobs', async () => {
  for (const name of ['a:1', 'b:1', 'c:1']) await putImage(store, name, image);
  await contents.forget(['a:1', 'c:1', 'never:1']);
  expect([await namesNow(), await listedNames(root)]).toEqual([['b:1'], ['b:1']]);
  expect(await store.named('a:1')).toBeUndefined();
  expect(await contents.sizeOf(image.target.digest)).toBe(image.target.size);
});

test('a blob that a name leads to or a lease marks is not removed; any other is', async () => {
  await putImage(store, 'a:1', image);
  const layer = image.blobs[0]?.digest ?? digest;
  expect(await contents.remove(layer)).toBe(false);
  await contents.forget(['a:1']);
  const lease = await store.lease([layer]);
  expect(await contents.remove(layer)).toBe(false);
  await store.release(lease);
  expect([await contents.remove(layer), await contents.sizeOf(layer)]).toEqual([true, undefined]);
});

test('parts that come in order become the blob, a part that does not fit is left out, and two at once queue', async () => {
  const upload = await contents.upload();
  await Promise.all([upload.append(inChunks(bytes.subarray(0, 5))), upload.append(inChunks(bytes.subarray(5, 10)))]);
  expect([await upload.append(inChunks(bytes), 4), upload.size]).toEqual([false, 10]);
  expect(await upload.append(inChunks(bytes.subarray(10)), 10)).toBe(true);
  await upload.keep(digest);
  expect(await store.read(digest)).toEqual(bytes);
  expect(await readdir(path.join(root, 'ingest'))).toEqual([]);
});

test('what came before a part broke off stays, so that the rest can follow', async () => {
  const upload = await contents.upload();
  const broken = async function* () {
    yield bytes.subarray(0, 7);
    throw new Error('gone');
  };
  await expect(upload.append(broken())).rejects.toThrow('gone');
  await upload.append(inChunks(bytes.subarray(7)), 7);
  await upload.keep(digest);
  expect(await contents.sizeOf(digest)).toBe(bytes.byteLength);
});

test('other bytes are refused, and cancelled uploads leave nothing', async () => {
  const upload = await contents.upload();
  await upload.append(inChunks(bytes));
  await expect(upload.keep(digestOf('other'))).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  await upload.cancel();
  expect(await readdir(path.join(root, 'ingest'))).toEqual([]);
  expect(await contents.sizeOf(digest)).toBeUndefined();
});
