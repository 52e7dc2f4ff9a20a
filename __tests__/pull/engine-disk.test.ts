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
  for (const tag of ['1', '2', '3', '4']) bag.tag('app', tag, await bag.image({ layers: [tag], layerSize: 100_000 }));
});
afterEach(() => flow.close());

const FOUR = 'HOST/app:1\nHOST/app:2\nHOST/app:3\nHOST/app:4';
const disk = (more: Partial<EngineDisk>): EngineDisk => ({
  path: '/var/lib/docker',
  freeBytes: 1e12,
  shared: false,
  empty: true,
  ...more,
});

test.each<[string, EngineDisk | undefined, number]>([
  ['that does not say what room it has', undefined, 3],
  ['with room for all', disk({}), 3],
  ['with room for all packed and unpacked, but no more', disk({ freeBytes: 1_700_000 }), 3],
  ['with less', disk({ freeBytes: 1_300_000 }), 1],
  ['with less once the layers are stored beside it', disk({ freeBytes: 1_700_000, shared: true }), 1],
  ['with hardly any, which has some of the layers perhaps', disk({ freeBytes: 10, empty: false }), 1],
])('an engine %s is handed images %#', async (_, room, expected) => {
  engine.disk = async () => room;
  const { images } = await flow.pull({ images: FOUR }, { store: store(), engine });
  expect(images.every(({ loaded }) => loaded)).toBe(true);
  expect(most).toBe(expected);
});

test('an empty engine without room for the layers ends the run with both figures, before any byte moves', async () => {
  engine.disk = async () => disk({ freeBytes: 300_000 });
  flow.requests();
  await expect(flow.pull({ images: FOUR }, { store: store(), engine })).rejects.toMatchObject({
    code: 'DISK_FULL',
    subject: 'Memory 1.0',
    reason: 'at least 401kB are needed to unpack the images and 300kB are free at /var/lib/docker; nothing was fetched',
    hint: expect.stringContaining('engine: none'),
  });
  const layers = [...bag.blobs.values()].filter(({ descriptor }) => /layer/.test(descriptor.mediaType));
  const requests = flow.requests().join('\n');
  expect(layers.filter(({ descriptor }) => requests.includes(descriptor.digest))).toEqual([]);
});

test('what the engine has needs no room', async () => {
  const kept = store();
  await flow.pull({ images: FOUR }, { store: kept, engine });
  engine.disk = async () => disk({ freeBytes: 0 });
  expect((await flow.pull({ images: FOUR }, { store: kept, engine })).cacheHit).toBe(true);
});
