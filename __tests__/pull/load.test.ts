import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PullError } from '../../src/errors.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import type { Digest } from '../../src/oci/digest.ts';
import type { ImageOutcome, PullOutcome } from '../../src/outcome.ts';
import type { RawSettings } from '../../src/settings.ts';
import { type MemoryEngine, memoryEngine } from '../fakes/memory-engine.ts';
import { type MemoryStore, memoryStore } from '../fakes/memory-store.ts';
import { type Flow, flowOver } from '../support/flow.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { flipped } from '../support/store-blobs.ts';

let bag: ImageBag;
let flow: Flow;
let store: MemoryStore;
let engine: MemoryEngine;
beforeEach(async () => {
  bag = imageBag();
  flow = await flowOver(bag);
  store = memoryStore();
  engine = memoryEngine();
});
afterEach(() => flow.close());

const at = (outcome: PullOutcome, number = 0): ImageOutcome => {
  const image = outcome.images[number];
  if (!image) throw new Error(`no image ${number}`);
  return image;
};
const blobRequests = () => flow.requests().filter((request) => request.includes('/blobs/'));
const pull = (raw: RawSettings) => flow.pull(raw, { store, engine });
const layersIn = (blobs: ReadonlyMap<Digest, unknown>) =>
  [...bag.blobs.values()].filter(
    ({ descriptor }) => /layer/.test(descriptor.mediaType) && blobs.has(descriptor.digest),
  );

async function multi(...layers: string[]): Promise<{ index: Descriptor; amd: Descriptor; arm: Descriptor }> {
  const amd = await bag.image({ layers });
  const arm = await bag.image({ layers: [...layers, 'arm'], architecture: 'arm64' });
  return { index: bag.index([amd, arm]), amd, arm };
}

describe('an image', () => {
  test('is loaded under the name the user wrote, once; the second run sends nothing', async () => {
    const { index, amd } = await multi('base', 'app');
    bag.tag('app', '1', index);
    const { host } = flow.server;
    const first = await pull({ images: 'HOST/app:1' });
    expect(at(first)).toMatchObject({
      loaded: true,
      local: `${host}/app:1`,
      digest: index.digest,
      digestRunnable: false,
    });
    expect(at(first).platforms).toMatchObject([
      { platform: 'linux/amd64', digest: amd.digest, local: `${host}/app:1` },
    ]);
    expect(first).toMatchObject({ cacheHit: false, engine: engine.title });
    expect(flow.events).toContainEqual({ type: 'loading', key: `${host}/app:1`, engine: engine.title });

    const second = await pull({ images: 'HOST/app:1' });
    expect(engine.sent).toEqual([`${host}/app:1`]);
    expect(flow.events.filter(({ type }) => type === 'loading')).toHaveLength(1);
    expect(second.cacheHit).toBe(true);
    expect(at(second)).toMatchObject({ loaded: true, local: `${host}/app:1`, source: 'store' });
  });

  test('that the engine has moves no blob into an empty store', async () => {
    bag.tag('app', '1', (await multi('base', 'app')).index);
    await pull({ images: 'HOST/app:1' });
    flow.requests();
    store = memoryStore();
    const outcome = await pull({ images: 'HOST/app:1' });
    expect(blobRequests()).toEqual([]);
    expect(layersIn(store.blobs)).toEqual([]);
    expect(store.names.size).toBe(0);
    expect(outcome).toMatchObject({ cacheHit: true, totals: { downloaded: 0 } });
    expect(at(outcome)).toMatchObject({ source: 'engine', loaded: true });
    expect(at(outcome).platforms[0]?.layers.map(({ source }) => source)).toEqual(['engine', 'engine']);
  });

  test('that the engine has under another name gets this one too, and moves no blob', async () => {
    const { index } = await multi('base', 'app');
    for (const name of ['app', 'mirror']) bag.tag(name, '1', index);
    await pull({ images: 'HOST/app:1' });
    flow.requests();
    store = memoryStore();
    const outcome = await pull({ images: 'HOST/mirror:1' });
    expect(blobRequests()).toEqual([]);
    expect(at(outcome)).toMatchObject({ source: 'engine', loaded: true, local: `${flow.server.host}/mirror:1` });
    expect(engine.sent).toHaveLength(1);
  });

  test('whose digest the engine knows costs one HEAD, also with an empty store', async () => {
    engine = memoryEngine({ keepsManifests: true });
    const { index, amd } = await multi('base', 'app');
    bag.tag('app', '1', index);
    await pull({ images: 'HOST/app:1' });
    for (const [image, asked] of [
      ['HOST/app:1', ['HEAD /v2/app/manifests/1']],
      [`HOST/app@${index.digest}`, []],
    ] as const) {
      store = memoryStore();
      flow.requests();
      const outcome = await pull({ images: image });
      expect(flow.requests()).toEqual(asked);
      expect(outcome).toMatchObject({ cacheHit: true, totals: { downloaded: 0 } });
      expect(at(outcome)).toMatchObject({ source: 'engine', loaded: true, digest: index.digest, digestRunnable: true });
      expect(at(outcome).platforms).toMatchObject([{ digest: amd.digest, imageId: index.digest, layers: [] }]);
    }
    // The tag beside a digest is to be there as well.
    store = memoryStore();
    const both = await pull({ images: `HOST/app:2@${index.digest}` });
    expect(at(both)).toMatchObject({ loaded: true, local: `${flow.server.host}/app:2` });
    // A platform asked for by name is looked for, not taken for granted.
    await pull({ images: 'HOST/app:1', platforms: 'linux/amd64' });
    expect(flow.requests().length).toBeGreaterThan(1);
  });

  test('of which layers are in the store is loaded from there', async () => {
    bag.tag('app', '1', (await multi('base', 'app')).index);
    await flow.pull({ images: 'HOST/app:1' }, { store });
    flow.requests();
    const outcome = await pull({ images: 'HOST/app:1' });
    expect(blobRequests()).toEqual([]);
    expect(engine.sent).toHaveLength(1);
    expect(outcome.cacheHit).toBe(true);
    expect(at(outcome)).toMatchObject({ source: 'store', loaded: true });
  });

  test('whose tag moved is sent anew, and only its new layer is fetched', async () => {
    bag.tag('app', '1', (await multi('base', 'app')).index);
    await pull({ images: 'HOST/app:1' });
    const { index } = await multi('base', 'newer');
    bag.tag('app', '1', index);
    flow.requests();
    const outcome = await pull({ images: 'HOST/app:1' });
    expect(at(outcome)).toMatchObject({ digest: index.digest, loaded: true });
    expect(engine.sent).toHaveLength(2);
    expect(blobRequests()).toHaveLength(2);
  });

  test('of several platforms is loaded for each, and the one the engine runs has the name', async () => {
    const { index, amd, arm } = await multi('base');
    bag.tag('app', '1', index);
    const outcome = await pull({ images: 'HOST/app:1', platforms: 'linux/arm64,linux/amd64' });
    expect(at(outcome).platforms.map(({ digest, local }) => [digest, local])).toEqual([
      [arm.digest, `${flow.server.host}/app:1-linux-arm64`],
      [amd.digest, `${flow.server.host}/app:1`],
    ]);
    expect(layersIn(store.blobs)).toHaveLength(2);
  });

  test('asked for in a foreign platform alone is loaded all the same', async () => {
    const { index, arm } = await multi('base');
    bag.tag('app', '1', index);
    const outcome = await pull({ images: 'HOST/app:1', platforms: 'linux/arm64' });
    expect(at(outcome)).toMatchObject({
      loaded: true,
      platforms: [{ digest: arm.digest, local: `${flow.server.host}/app:1` }],
    });
  });
});

describe('names in the engine', () => {
  test('name:tag@digest gets name:tag, a bare digest gets name:sha256-<12 hex>', async () => {
    const { index } = await multi('base');
    bag.tag('app', '1', index);
    const { host } = flow.server;
    const outcome = await pull({ images: `HOST/app:1@${index.digest}\nHOST/app@${index.digest}` });
    const short = `${host}/app:sha256-${index.digest.slice(7, 19)}`;
    expect(outcome.images.map(({ local }) => local)).toEqual([`${host}/app:1`, short]);
    expect([...engine.names.keys()].sort()).toEqual([`${host}/app:1`, short].sort());
    expect(engine.sent).toHaveLength(1);
  });

  test('a bare digest is its own name where the engine keeps manifests', async () => {
    engine = memoryEngine({ keepsManifests: true });
    const { index, amd } = await multi('base');
    bag.tag('app', '1', index);
    const { host } = flow.server;
    const outcome = await pull({ images: `HOST/app@${index.digest}\nHOST/app:1` });
    expect(outcome.images.map(({ local }) => local)).toEqual([`${host}/app@${index.digest}`, `${host}/app:1`]);
    expect(outcome.images.map(({ digestRunnable }) => digestRunnable)).toEqual([true, true]);
    expect(at(outcome).platforms).toMatchObject([{ digest: amd.digest, imageId: index.digest }]);
    expect(engine.sent).toHaveLength(1);
  });

  test('many tags of one target are one transfer', async () => {
    const { index } = await multi('base', 'app');
    for (let tag = 0; tag < 30; tag += 1) bag.tag('app', `1.${tag}`, index);
    const outcome = await pull({ images: 'HOST/app', 'all-tags': 'true' });
    expect(outcome.images.map(({ loaded, error }) => [loaded, error])).toEqual(Array(30).fill([true, undefined]));
    expect(engine.sent).toHaveLength(1);
    expect(engine.names.size).toBe(30);
    expect(engine.read).toHaveLength(new Set(engine.read).size);
  });

  test('one image in two repositories is one transfer too', async () => {
    const { index } = await multi('base');
    bag.tag('one', '1', index);
    bag.tag('two', '1', index);
    await pull({ images: 'HOST/one:1\nHOST/two:1' });
    expect(engine.sent).toHaveLength(1);
    expect([...engine.names.keys()]).toHaveLength(2);
  });
});

describe('a blob that went bad in the store', () => {
  let layer: Digest;
  beforeEach(async () => {
    bag.tag('app', '1', (await multi('base', 'app')).index);
    await flow.pull({ images: 'HOST/app:1' }, { store });
    flow.requests();
    layer = layersIn(store.blobs)[0]?.descriptor.digest ?? ('' as Digest);
  });

  test('is fetched again, alone, and the image is loaded', async () => {
    store.blobs.set(layer, flipped(store.blobs.get(layer) ?? Buffer.alloc(0), 100));
    const outcome = await pull({ images: 'HOST/app:1' });
    expect(at(outcome).error).toBeUndefined();
    expect(at(outcome).loaded).toBe(true);
    expect(blobRequests()).toEqual([`GET /v2/app/blobs/${layer}`]);
    expect(store.blobs.get(layer)).toEqual(bag.blobs.get(layer)?.bytes);
    expect(flow.events).toContainEqual({
      type: 'warning',
      message: expect.stringContaining(`${layer}: other bytes: expected ${layer}`),
    });
  });

  test('counts as a download: the run is no cache hit, and the layer came from the registry', async () => {
    store.blobs.set(layer, flipped(store.blobs.get(layer) ?? Buffer.alloc(0), 100));
    const outcome = await pull({ images: 'HOST/app:1' });
    expect(outcome.cacheHit).toBe(false);
    expect(at(outcome).platforms[0]?.layers.find(({ digest }) => digest === layer)?.source).toBe('registry');
  });

  test('fails under pull-policy: never, without a request', async () => {
    store.blobs.set(layer, flipped(store.blobs.get(layer) ?? Buffer.alloc(0), 100));
    const outcome = await pull({ images: 'HOST/app:1', 'pull-policy': 'never' });
    expect(flow.requests()).toEqual([]);
    expect(at(outcome).error).toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  test('that is gone when it is needed is fetched again', async () => {
    let opened = 0;
    const vanishing: MemoryStore = {
      ...store,
      open(blob) {
        opened += 1;
        if (opened === 1) store.blobs.delete(layer);
        return store.open(blob);
      },
    };
    const outcome = await flow.pull({ images: 'HOST/app:1' }, { store: vanishing, engine });
    expect(at(outcome).error).toBeUndefined();
    expect(at(outcome).loaded).toBe(true);
    expect(blobRequests()).toEqual([`GET /v2/app/blobs/${layer}`]);
  });

  test('and at the registry too fails the image in words', async () => {
    store.blobs.set(layer, flipped(store.blobs.get(layer) ?? Buffer.alloc(0), 100));
    const served = bag.blobs.get(layer);
    if (served) bag.blobs.set(layer, { ...served, bytes: flipped(served.bytes, 200) });
    const outcome = await pull({ images: 'HOST/app:1' });
    expect(at(outcome)).toMatchObject({
      loaded: false,
      error: { code: 'DIGEST_MISMATCH', message: expect.stringContaining(`expected ${layer}, found `) },
    });
    expect(store.blobs.has(layer)).toBe(false);
    expect(outcome.cacheHit).toBe(false);
  });
});

describe('what fails', () => {
  test('an artifact is refused in words under an engine, moves no blob, and is stored without one', async () => {
    const layer = bag.add('application/vnd.example.chart', Buffer.from('chart'));
    const config = bag.add('application/vnd.oci.empty.v1+json', Buffer.from('{}'));
    const artifact = bag.add('application/vnd.oci.image.manifest.v1+json', {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/vnd.example.chart.v1',
      config,
      layers: [layer],
    });
    bag.tag('chart', '1', artifact);
    const refused = await pull({ images: 'HOST/chart:1' });
    expect(at(refused)).toMatchObject({
      loaded: false,
      digest: artifact.digest,
      error: {
        code: 'UNSUPPORTED',
        message: `${flow.server.host}/chart:1: not a container image but an artifact (application/vnd.example.chart.v1), which ${engine.title} cannot run`,
        hint: 'Use engine: none to keep it in the store.',
      },
    });
    expect(store.blobs.has(layer.digest)).toBe(false);
    const kept = await flow.pull({ images: 'HOST/chart:1' }, { store });
    expect(at(kept).error).toBeUndefined();
    expect(store.blobs.has(layer.digest)).toBe(true);
  });

  test('an image for another operating system is refused in words', async () => {
    bag.tag('win', '1', bag.index([await bag.image({ layers: ['base'], os: 'windows' })]));
    const outcome = await pull({ images: 'HOST/win:1', platforms: 'windows/amd64' });
    expect(at(outcome).error).toMatchObject({
      code: 'UNSUPPORTED',
      message: `${flow.server.host}/win:1: ${engine.title} runs linux/amd64 and cannot hold windows/amd64`,
    });
    expect(blobRequests()).toEqual([]);
  });

  test('a load that fails keeps the store whole and the digest in the outcome', async () => {
    const { index, amd } = await multi('base', 'app');
    bag.tag('app', '1', index);
    engine.failNext = new PullError('ENGINE_FAILED', engine.title, 'loading app:1: no space left on device');
    const outcome = await pull({ images: 'HOST/app:1' });
    const name = `${flow.server.host}/app:1`;
    expect(at(outcome)).toMatchObject({
      loaded: false,
      digest: index.digest,
      source: 'registry',
      digestRunnable: false,
    });
    expect(at(outcome).local).toBeUndefined();
    expect(at(outcome).error).toMatchObject({
      code: 'ENGINE_FAILED',
      message: `${engine.title}: loading app:1: no space left on device`,
    });
    expect(at(outcome).platforms).toMatchObject([{ digest: amd.digest }]);
    expect(at(outcome).platforms[0]?.local).toBeUndefined();
    expect(outcome).toMatchObject({ cacheHit: false, totals: { failed: 1 } });
    expect(store.names.get(name)?.target.digest).toBe(index.digest);
    expect(layersIn(store.blobs)).toHaveLength(2);
    flow.requests();
    const again = await pull({ images: 'HOST/app:1' });
    expect(at(again)).toMatchObject({ loaded: true });
    expect(at(again).error).toBeUndefined();
    expect(blobRequests()).toEqual([]);
  });

  test('one image does not keep the others from the engine', async () => {
    bag.tag(
      'bad',
      '1',
      await bag.image({ layers: ['base', 'bad'], config: { rootfs: { type: 'layers', diff_ids: [] } } }),
    );
    bag.tag('good', '1', await bag.image({ layers: ['base', 'good'] }));
    const outcome = await pull({ images: 'HOST/bad:1\nHOST/gone:1\nBad\nHOST/good:1' });
    expect(outcome.images.map(({ loaded }) => loaded)).toEqual([false, false, false, true]);
    expect(at(outcome).error).toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringContaining(`${flow.server.host}/bad:1`),
    });
    expect(outcome.totals.failed).toBe(3);
  });

  test('an engine that cannot say what it holds fails that image alone', async () => {
    bag.tag('bad', '1', await bag.image({ layers: ['base'] }));
    bag.tag('good', '1', await bag.image({ layers: ['base', 'good'] }));
    const failure = new PullError('ENGINE_FAILED', engine.title, 'inspecting bad:1: database is locked');
    const { present } = engine;
    engine.present = async (image) => {
      if (image.reference.path === 'bad') throw failure;
      return present(image);
    };
    const outcome = await pull({ images: 'HOST/bad:1\nHOST/good:1' });
    expect(at(outcome).error).toBe(failure);
    expect(at(outcome, 1)).toMatchObject({ loaded: true });
  });
});

describe('pull-policy', () => {
  test.each(['missing', 'never'])(
    '%s uses the engine’s name without a request, also with an empty store',
    async (policy) => {
      const imageId = (await multi('base')).amd.digest;
      engine.names.set('redis:7', imageId);
      const outcome = await pull({ images: 'redis:7', 'pull-policy': policy });
      expect(flow.requests()).toEqual([]);
      expect(at(outcome)).toMatchObject({ source: 'engine', loaded: true, local: 'redis:7' });
      // Of an image nobody asked a registry about, what the engine says and no more.
      expect(at(outcome).platforms).toEqual([{ platform: 'linux/amd64', imageId, local: 'redis:7', layers: [] }]);
      expect(at(outcome).digest).toBeUndefined();
      expect(at(outcome).error).toBeUndefined();
      expect(outcome.cacheHit).toBe(true);
    },
  );

  test('of the names in an engine that keeps manifests gives the digest too', async () => {
    engine = memoryEngine({ keepsManifests: true });
    const { index } = await multi('base');
    engine.names.set('redis:7', index.digest);
    const outcome = await pull({ images: 'redis:7', 'pull-policy': 'never' });
    expect(at(outcome)).toMatchObject({ digest: index.digest, digestRunnable: true, local: 'redis:7' });
  });

  test('of name:tag@digest that the engine knows by digest alone gives a name that is there', async () => {
    engine.find = async (name) =>
      name.includes('@') ? { imageId: digest, digests: [digest], local: name, whole: true } : undefined;
    const digest = (await multi('base')).index.digest;
    const outcome = await pull({ images: `redis:7@${digest}`, 'pull-policy': 'never' });
    expect(at(outcome)).toMatchObject({ loaded: true, digestRunnable: true });
    expect(await engine.find(at(outcome).local ?? '')).toBeDefined();
  });

  test.each(['missing', 'never'])('%s prefers the store, and loads from it', async (policy) => {
    const { index } = await multi('base');
    bag.tag('app', '1', index);
    await flow.pull({ images: 'HOST/app:1' }, { store });
    flow.requests();
    const outcome = await pull({ images: 'HOST/app:1', 'pull-policy': policy });
    expect(flow.requests()).toEqual([]);
    expect(at(outcome)).toMatchObject({ digest: index.digest, loaded: true, source: 'store' });
    expect(engine.sent).toHaveLength(1);
  });

  test('missing asks the registry for what neither has; never fails and names both', async () => {
    bag.tag('app', '1', (await multi('base')).index);
    const never = await pull({ images: 'HOST/app:1', 'pull-policy': 'never' });
    expect(at(never).error).toMatchObject({
      code: 'NOT_HELD',
      message: expect.stringContaining(`neither complete in the store nor in ${engine.title}`),
    });
    expect(flow.requests()).toEqual([]);
    expect(at(await pull({ images: 'HOST/app:1', 'pull-policy': 'missing' }))).toMatchObject({
      loaded: true,
      source: 'registry',
    });
  });

  test('missing with a platform asked for by name does not take the engine’s word', async () => {
    bag.tag('app', '1', (await multi('base')).index);
    engine.names.set(`${flow.server.host}/app:1`, (await bag.image({ layers: ['other'] })).digest);
    const outcome = await pull({ images: 'HOST/app:1', 'pull-policy': 'missing', platforms: 'linux/arm64' });
    expect(at(outcome)).toMatchObject({ source: 'registry', loaded: true });
  });

  test('always asks what the tag points to, even if the engine has the name', async () => {
    const { index } = await multi('base');
    bag.tag('app', '1', index);
    engine.names.set(`${flow.server.host}/app:1`, (await bag.image({ layers: ['old'] })).digest);
    expect(at(await pull({ images: 'HOST/app:1' }))).toMatchObject({ digest: index.digest, source: 'registry' });
    expect(engine.sent).toHaveLength(1);
  });
});

test('a run cancelled during the hand-over ends with CANCELLED', async () => {
  bag.tag('app', '1', (await multi('base')).index);
  const controller = new AbortController();
  engine.load = async () => {
    controller.abort();
    throw new PullError('CANCELLED', 'Docker', 'cancelled');
  };
  await expect(flow.pull({ images: 'HOST/app:1' }, { store, engine, signal: controller.signal })).rejects.toMatchObject(
    { code: 'CANCELLED' },
  );
  expect(flow.events.filter(({ type }) => type === 'image')).toEqual([]);
});
