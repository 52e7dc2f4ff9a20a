import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { EngineDisk } from '../../src/ports.ts';
import { type MemoryEngine, memoryEngine } from '../fakes/memory-engine.ts';
import { memoryStore } from '../fakes/memory-store.ts';
import { type Flow, flowOver } from '../support/flow.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';

let bag: ImageBag;
let flow: Flow;
let engine: MemoryEngine;
let atOnce: number;
let most: number;
const store = () => memoryStore('/the/store');
beforeEach(async () => {
  bag = imageBag();
  flow = await flowOver(bag);
  engine = memoryEngine();
  [atOnce, most] = [0, 0];
  const { load } = engine;
  engine.load = async (image, source) => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await new Promise((resolve) => setTimeout(resolve, 30));
    return load(image, source).finally(() => {
      atOnce -= 1;
    });
  };
  for (const tag of TAGS) bag.tag('app', tag, await bag.image({ layers: [tag], layerSize: 100_000 }));
});
afterEach(() => flow.close());

const TAGS = ['1', '2', '3', '4', '5', '6', '7', '8'];
const ALL = TAGS.map((tag) => `HOST/app:${tag}`).join('\n');
const disk = (more: Partial<EngineDisk>): EngineDisk => ({
  path: '/var/lib/docker',
  freeBytes: 1e12,
  shared: false,
  empty: true,
  keepsPacked: false,
  ...more,
});

test.each<[string, EngineDisk | undefined, number]>([
  ['that does not say what room it has', undefined, 6],
  ['with room for all', disk({}), 6],
  ['with room for all packed and unpacked, but no more', disk({ freeBytes: 3_400_000 }), 6],
  ['with less', disk({ freeBytes: 2_600_000 }), 1],
  ['with less once the layers are stored beside it', disk({ freeBytes: 3_400_000, shared: true }), 1],
  ['with hardly any, which has some of the layers perhaps', disk({ freeBytes: 10, empty: false }), 1],
])('an engine %s is handed images %#', async (_, room, expected) => {
  engine.disk = async () => room;
  const { images } = await flow.pull({ images: ALL }, { store: store(), engine });
  expect(images.every(({ loaded }) => loaded)).toBe(true);
  expect(most).toBe(expected);
});

test('an empty engine without room for the layers ends the run with both figures, before any byte moves', async () => {
  engine.disk = async () => disk({ freeBytes: 600_000 });
  flow.requests();
  await expect(flow.pull({ images: ALL }, { store: store(), engine })).rejects.toMatchObject({
    code: 'DISK_FULL',
    subject: 'Memory 1.0',
    reason: 'at least 802kB are needed to unpack the images and 600kB are free at /var/lib/docker; nothing was fetched',
    hint: expect.stringContaining('engine: none'),
  });
  const layers = [...bag.blobs.values()].filter(({ descriptor }) => /layer/.test(descriptor.mediaType));
  const requests = flow.requests().join('\n');
  expect(layers.filter(({ descriptor }) => requests.includes(descriptor.digest))).toEqual([]);
});

test.each<[Partial<EngineDisk>, number | undefined]>([
  [{ keepsPacked: true, freeBytes: 1_500_000 }, undefined],
  [{ keepsPacked: true, freeBytes: 1_700_000 }, 8],
  [{ keepsPacked: false, freeBytes: 1_500_000 }, 8],
  [{ keepsPacked: true, freeBytes: 1_500_000, empty: false }, 8],
])('an engine that keeps layers packed beside what they hold needs room for both: %j', async (room, loaded) => {
  engine.disk = async () => disk(room);
  const outcome = flow.pull({ images: ALL }, { store: store(), engine });
  if (loaded) expect((await outcome).images.filter((image) => image.loaded)).toHaveLength(loaded);
  else
    await expect(outcome).rejects.toMatchObject({
      code: 'DISK_FULL',
      reason:
        'at least 1.6MB are needed to keep the images, packed and unpacked, and 1.5MB are free at /var/lib/docker; nothing was fetched',
    });
});

test('what the engine has needs no room', async () => {
  const kept = store();
  await flow.pull({ images: ALL }, { store: kept, engine });
  engine.disk = async () => disk({ freeBytes: 0 });
  expect((await flow.pull({ images: ALL }, { store: kept, engine })).cacheHit).toBe(true);
});
