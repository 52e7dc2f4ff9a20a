import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Digest } from '../../src/oci/digest.ts';
import type { Store } from '../../src/ports.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { type MemoryEngine, memoryEngine } from '../fakes/memory-engine.ts';
import { type Flow, flowOver } from '../support/flow.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { flipped } from '../support/store-blobs.ts';
import { until } from '../support/until.ts';

let bag: ImageBag;
let flow: Flow;
let folder: string;
let store: Store;
let engine: MemoryEngine;
/** What the registry does to a blob before it gives it. */
let before: (digest: Digest, bytes: Uint8Array) => Promise<Uint8Array>;
beforeEach(async () => {
  bag = imageBag();
  before = async (_, bytes) => bytes;
  const source = {
    async *open({ digest }: { digest: Digest }) {
      yield await before(digest, bag.blobs.get(digest)?.bytes ?? Buffer.alloc(0));
    },
  };
  flow = await flowOver({ ...bag, source });
  folder = await mkdtemp(path.join(tmpdir(), 'overlap-'));
  store = await openStore(folder, { run: 'test' });
  engine = memoryEngine();
});
afterEach(async () => {
  await flow.close();
  await rm(folder, { recursive: true, force: true });
});

async function tagged(tag: string, ...layers: string[]): Promise<Digest[]> {
  const target = await bag.image({ layers });
  bag.tag('app', tag, target);
  return JSON.parse(Buffer.from(bag.blobs.get(target.digest)?.bytes ?? '').toString()).layers.map(
    (layer: { digest: Digest }) => layer.digest,
  );
}

describe('the hand-over', () => {
  test('reads the bottom layer while the top one is still awaited', async () => {
    const [bottom, top] = await tagged('1', 'bottom', 'top');
    before = async (digest, bytes) => {
      // Would wait for ever if the engine were given nothing before everything is here.
      if (digest === top) await until(() => bottom !== undefined && engine.read.includes(bottom));
      return bytes;
    };
    const { images } = await flow.pull({ images: 'HOST/app:1' }, { store, engine });
    expect(images).toMatchObject([{ loaded: true }]);
  });

  test('of a small image does not wait for a large one', async () => {
    await tagged('large', 'a', 'b', 'c');
    const [last] = await tagged('later', 'd');
    await tagged('small', 'e');
    before = async (digest, bytes) => {
      if (digest === last) await until(() => engine.names.has(`${flow.server.host}/app:small`));
      return bytes;
    };
    const { images } = await flow.pull({ images: 'HOST/app:later\nHOST/app:large\nHOST/app:small' }, { store, engine });
    expect(images.map(({ key, loaded }) => [key.replace(/.*:/, ''), loaded])).toEqual([
      ['later', true],
      ['large', true],
      ['small', true],
    ]);
  });

  test('begins with the image that has most bytes, and the outcomes stay in the order of the request', async () => {
    for (const [tag, ...layers] of [
      ['small', 'a'],
      ['large', 'b', 'c', 'd'],
      ['middle', 'e', 'f'],
    ] as const)
      await tagged(tag, ...layers);
    const { images } = await flow.pull(
      { images: 'HOST/app:small\nHOST/app:large\nHOST/app:middle' },
      { store, engine },
    );
    expect(engine.sent.map((name) => name.replace(/.*:/, ''))).toEqual(['large', 'middle', 'small']);
    expect(images.map(({ key }) => key.replace(/.*:/, ''))).toEqual(['small', 'large', 'middle']);
  });

  test('fails with what ended the download, and the other images are loaded', async () => {
    const [, lost] = await tagged('1', 'bottom', 'lost');
    await tagged('2', 'other');
    bag.blobs.delete(lost as Digest);
    const { images } = await flow.pull({ images: 'HOST/app:1\nHOST/app:2' }, { store, engine });
    expect(images[0]).toMatchObject({ loaded: false, error: { code: 'BLOB_UNKNOWN' } });
    expect(images[0]?.error?.message).toContain(`${flow.server.host}/app`);
    expect(images[1]).toMatchObject({ loaded: true });
    expect([...engine.names.keys()]).toEqual([`${flow.server.host}/app:2`]);
  });

  test('begins anew where a download brought wrong bytes at first: the engine never sees the end of them', async () => {
    const [, top] = await tagged('1', 'bottom', 'top');
    let times = 0;
    before = async (digest, bytes) => {
      if (digest !== top) return bytes;
      times += 1;
      return times === 1 ? flipped(bytes, 100) : bytes;
    };
    const { images } = await flow.pull({ images: 'HOST/app:1' }, { store, engine });
    expect(times).toBe(2);
    expect(images).toMatchObject([{ loaded: true }]);
    expect(flow.events.filter(({ type }) => type === 'warning')).toEqual([]);
  });

  test('that the engine itself refuses is not tried again', async () => {
    await tagged('1', 'bottom');
    const { PullError } = await import('../../src/errors.ts');
    engine.failNext = new PullError('ENGINE_FAILED', engine.title, 'loading it: no');
    const { images } = await flow.pull({ images: 'HOST/app:1' }, { store, engine });
    expect(images).toMatchObject([{ loaded: false, error: { code: 'ENGINE_FAILED' }, source: 'registry' }]);
    expect(engine.sent).toHaveLength(1);
  });
});
