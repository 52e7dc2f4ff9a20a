import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { storeCare } from '../../src/store/care.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { pushBlob } from '../support/docker-registry.ts';
import { type Served, served } from '../support/serving.ts';
import { blobsIn, hasAll, type Made, makeImage, makeIndex, putImage } from '../support/stored-image.ts';

let registry: Served;
let image: Made;
beforeEach(async () => {
  registry = await served();
  image = await makeImage({ layers: ['base', 'app'] });
});
afterEach(() => registry.dispose());

const opened = () => openStore(registry.store);
const partsOf = ({ blobs, target }: Made) => blobs.filter(({ digest }) => digest !== target.digest);
const put = (reference: string, { bag }: Made, { digest, mediaType }: Made['target']) =>
  registry.ask('PUT', `app/manifests/${reference}`, bag.blobs.get(digest)?.bytes, { 'content-type': mediaType });

/** As `rm` and a sweep beside the server, by another process. */
async function removeAll() {
  const care = storeCare(registry.store);
  const { inUse } = await care.remove((await care.list()).map(({ name }) => name));
  await care.sweep(0);
  return inUse;
}

test.each([
  [
    'HEAD says is here',
    async () => {
      for (const { digest } of partsOf(image))
        expect((await registry.ask('HEAD', `app/blobs/${digest}`)).status).toBe(200);
    },
  ],
  [
    'is mounted',
    async () => {
      for (const { digest } of partsOf(image))
        expect((await registry.ask('POST', `app/blobs/uploads/?mount=${digest}&from=other`)).status).toBe(201);
    },
  ],
  [
    'is uploaded once more',
    async () => {
      for (const { digest } of partsOf(image))
        await pushBlob(registry.host, 'app', image.bag.blobs.get(digest)?.bytes ?? new Uint8Array());
    },
  ],
])(
  'what %s stays until its manifest is there, although its last name goes, and goes with the next one',
  async (_, told) => {
    await putImage(await opened(), 'other:1', image);
    await told();
    expect(await removeAll()).toEqual([]);
    expect((await put('1', image, image.target)).status).toBe(201);
    expect(await hasAll(await opened(), image.blobs)).toBe(true);
    expect(await removeAll()).toEqual([]);
    expect(await blobsIn(registry.store)).toEqual([]);
  },
  30_000,
);

test('the manifests of an index stay until it is there', async () => {
  const multi = await makeIndex({ layers: ['base', 'amd'] }, { layers: ['base', 'arm'], architecture: 'arm64' });
  const documents = new Set([multi.target, ...multi.manifests].map(({ digest }) => digest));
  for (const { digest } of multi.blobs.filter((blob) => !documents.has(blob.digest)))
    await pushBlob(registry.host, 'app', multi.bag.blobs.get(digest)?.bytes ?? new Uint8Array());
  for (const child of multi.manifests) expect((await put(child.digest, multi, child)).status).toBe(201);
  expect(await removeAll()).toEqual([]);
  expect((await put('1', multi, multi.target)).status).toBe(201);
  expect(await hasAll(await opened(), multi.blobs)).toBe(true);
  expect(await removeAll()).toEqual([]);
  expect(await blobsIn(registry.store)).toEqual([]);
}, 30_000);

test('who deletes by the registry is not hindered by having asked before', async () => {
  const [{ digest } = image.target] = partsOf(image);
  await pushBlob(registry.host, 'app', image.bag.blobs.get(digest)?.bytes ?? new Uint8Array());
  expect((await registry.ask('HEAD', `app/blobs/${digest}`)).status).toBe(200);
  expect((await registry.ask('DELETE', `app/blobs/${digest}`)).status).toBe(202);
  expect(await blobsIn(registry.store)).toEqual([]);
});
