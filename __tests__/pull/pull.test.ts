import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_MANIFEST } from '../../src/oci/media-types.ts';
import type { ImageOutcome, PullOutcome } from '../../src/outcome.ts';
import { memoryStore } from '../fakes/memory-store.ts';
import { type Flow, flowOver } from '../support/flow.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';

let bag: ImageBag;
let flow: Flow;
beforeEach(async () => {
  bag = imageBag();
  flow = await flowOver(bag);
});
afterEach(() => flow.close());

const at = (outcome: PullOutcome, number = 0): ImageOutcome => {
  const image = outcome.images[number];
  if (!image) throw new Error(`no image ${number}`);
  return image;
};
const blobRequests = (requests: readonly string[]) => requests.filter((request) => request.includes('/blobs/'));

describe('a pull', () => {
  test('asks for the tag by HEAD, then each document and each blob once', async () => {
    bag.tag(
      'app',
      '1',
      bag.index([
        await bag.image({ layers: ['base', 'app'] }),
        await bag.image({ layers: ['other'], architecture: 'arm64' }),
      ]),
    );
    const store = memoryStore();
    const outcome = await flow.pull({ images: 'HOST/app:1' }, { store });
    const requests = flow.requests();
    expect(requests[0]).toBe('HEAD /v2/app/manifests/1');
    expect(requests.filter((request) => request.startsWith('GET /v2/app/manifests/sha256:'))).toHaveLength(2);
    expect(blobRequests(requests)).toHaveLength(3);
    expect(new Set(requests).size).toBe(requests.length);
    const index = bag.catalog.find('app', '1');
    expect(at(outcome)).toMatchObject({ digest: index?.digest, source: 'registry', loaded: false, fresh: true });
    expect(at(outcome).error).toBeUndefined();
    expect(at(outcome).platforms.map(({ platform }) => platform)).toEqual(['linux/amd64']);
    expect(store.names.get(`${flow.server.host}/app:1`)?.target.digest).toBe(index?.digest);
    // Readers that know manifests by digest only find each platform's too.
    const platform = at(outcome).platforms[0]?.digest;
    expect(store.names.get(`${flow.server.host}/app@${platform}`)?.target.digest).toBe(platform);
    expect(outcome.cacheHit).toBe(false);
  });

  test('a second time costs one HEAD a tag and moves nothing', async () => {
    bag.tag('app', '1', bag.index([await bag.image({ layers: ['base', 'app'] })]));
    const store = memoryStore();
    await flow.pull({ images: 'HOST/app:1' }, { store });
    flow.requests();
    const outcome = await flow.pull({ images: 'HOST/app:1' }, { store });
    expect(flow.requests()).toEqual(['HEAD /v2/app/manifests/1']);
    expect(at(outcome)).toMatchObject({ source: 'store', fresh: false });
    expect(outcome.cacheHit).toBe(true);
    expect(outcome.totals.downloaded).toBe(0);
  });

  test('by digest costs no request once its bytes are here, under any policy', async () => {
    const target = await bag.image({ layers: ['base'] });
    bag.tag('app', '1', target);
    const store = memoryStore();
    const images = `HOST/app@${target.digest}\nHOST/app:1@${target.digest}`;
    await flow.pull({ images }, { store });
    flow.requests();
    for (const policy of ['always', 'missing', 'never']) {
      const outcome = await flow.pull({ images, 'pull-policy': policy }, { store });
      expect(outcome.images.map(({ digest }) => digest)).toEqual([target.digest, target.digest]);
    }
    expect(flow.requests()).toEqual([]);
  });

  test('children are stored before their parents, and names come last', async () => {
    bag.tag('app', '1', bag.index([await bag.image({ layers: ['base', 'app'] })]));
    const store = memoryStore();
    await flow.pull({ images: 'HOST/app:1' }, { store });
    const kinds = store.written.map((digest) => bag.blobs.get(digest)?.descriptor.mediaType ?? '');
    expect(kinds.slice(-2)).toEqual([
      'application/vnd.oci.image.manifest.v1+json',
      'application/vnd.oci.image.index.v1+json',
    ]);
  });

  test('what images share is requested once, also when one image is listed under five names', async () => {
    bag.tag('one', '1', await bag.image({ layers: ['base', 'mid', 'one'] }));
    bag.tag('two', '1', await bag.image({ layers: ['base', 'mid', 'two'] }));
    bag.tag('one', 'latest', await bag.image({ layers: ['base', 'mid', 'one'] }));
    const { host } = flow.server;
    await flow.pull({ images: `HOST/one:1\nHOST/two:1\nHOST/one\nHOST/one:latest\nHOST/one:1,${host}/one:1` });
    const requests = flow.requests();
    expect(new Set(requests).size).toBe(requests.length);
    expect(requests.filter((request) => request.startsWith('HEAD'))).toHaveLength(3);
    expect(blobRequests(requests)).toHaveLength(4 + 2);
  });

  test('an image that fails leaves the others whole, and its error names image and reason', async () => {
    bag.tag('good', '1', await bag.image({ layers: ['base'] }));
    const outcome = await flow.pull({ images: 'HOST/good:2\nHOST/gone:1\nRedis\nHOST/good:1' });
    const [tag, repository, reference, good] = outcome.images;
    expect(tag?.error).toMatchObject({ code: 'MANIFEST_UNKNOWN' });
    expect(tag?.error?.message).toContain(`${flow.server.host}/good:2`);
    expect(repository?.error?.message).toContain(`${flow.server.host}/gone`);
    expect(reference?.error).toMatchObject({ code: 'REFERENCE_INVALID' });
    expect(good?.error).toBeUndefined();
    expect(good).toMatchObject({ digest: bag.catalog.find('good', '1')?.digest });
    expect(outcome.totals).toMatchObject({ images: 4, failed: 3 });
    expect(outcome.cacheHit).toBe(false);
  });

  test('a blob that one repository has lost is had from another', async () => {
    const shared = await bag.image({ layers: ['base'] });
    bag.tag('one', '1', shared);
    bag.tag('two', '1', shared);
    const { find } = bag.catalog;
    Object.assign(bag.catalog, {
      find: (path: string, reference: string) =>
        path === 'one' && bag.blobs.get(reference as never)?.descriptor.mediaType.includes('layer')
          ? undefined
          : find(path, reference),
    });
    const outcome = await flow.pull({ images: 'HOST/one:1\nHOST/two:1' });
    expect(outcome.totals.failed).toBe(0);
  });

  test('an inline config is not asked for', async () => {
    const config = Buffer.from(
      JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } }),
    );
    const target = await bag.image({
      layers: [],
      manifest: {
        config: {
          mediaType: 'application/vnd.oci.image.config.v1+json',
          digest: digestOf(config),
          size: config.byteLength,
          data: config.toString('base64'),
        },
      },
    });
    bag.tag('app', '1', target);
    const outcome = await flow.pull({ images: 'HOST/app:1' });
    expect(outcome.totals.failed).toBe(0);
    expect(blobRequests(flow.requests())).toEqual([]);
  });
});

describe('a registry that lies', () => {
  const evil = async (size: number, digest?: string) => {
    const good = await bag.image({ layers: ['base'] });
    bag.tag('good', '1', good);
    const { layers } = JSON.parse(Buffer.from(bag.blobs.get(good.digest)?.bytes ?? []).toString());
    bag.tag('evil', '1', await bag.image({ layers: [], manifest: { layers: [{ ...layers[0], size }] } }));
    return digest ?? layers[0].digest;
  };

  test.each(['HOST/evil:1\nHOST/good:1', 'HOST/good:1\nHOST/evil:1'])(
    'about the size of a layer harms its own image alone: %j',
    async (images) => {
      await evil(5);
      const outcome = await flow.pull({ images });
      const byName = new Map(outcome.images.map((image) => [image.key.split('/')[1], image]));
      expect(byName.get('good:1')?.error).toBeUndefined();
      expect(byName.get('evil:1')?.error).toMatchObject({ code: 'SIZE_MISMATCH' });
    },
  );

  test('about the size of a manifest is refused', async () => {
    const child = await bag.image({ layers: ['base'] });
    bag.tag('app', '1', bag.index([{ ...child, size: child.size + 1 }]));
    const { error } = at(await flow.pull({ images: 'HOST/app:1' }));
    expect(error).toMatchObject({ code: 'MANIFEST_INVALID', message: expect.stringContaining(`found ${child.size}`) });
  });

  test('with an index of ten thousand times one index of ten thousand is refused soon', async () => {
    const manifest = {
      mediaType: OCI_MANIFEST,
      digest: digestOf('x'),
      size: 1,
      platform: { os: 'a', architecture: 'b' },
    };
    const inner = bag.index(Array(9_000).fill(manifest));
    bag.tag('bomb', '1', bag.index(Array(9_000).fill(inner)));
    const { error } = at(await flow.pull({ images: 'HOST/bomb:1' }));
    expect(error).toMatchObject({ code: 'PLATFORM_NOT_FOUND' });
    bag.tag('bomb', '2', bag.index([0, 1].map((number) => bag.index(Array(9_000).fill(manifest), { number }))));
    expect(at(await flow.pull({ images: 'HOST/bomb:2' })).error).toMatchObject({ code: 'MANIFEST_INVALID' });
  });
});

describe('platforms', () => {
  let multi: string[];
  beforeEach(async () => {
    const attested = await bag.image({ layers: ['sbom'], os: 'unknown', architecture: 'unknown' });
    bag.tag(
      'multi',
      '1',
      bag.index([
        await bag.image({ layers: ['base', 'amd'] }),
        await bag.image({ layers: ['base', 'arm'], architecture: 'arm64', variant: 'v8' }),
        await bag.image({ layers: ['base', 'v7'], architecture: 'arm', variant: 'v7' }),
        { ...attested, annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } },
      ]),
    );
    multi = [...bag.blobs.keys()];
    bag.tag('single', '1', await bag.image({ layers: ['base'], architecture: 'arm64' }));
  });

  test('are pulled in the order asked, and share what they share', async () => {
    const outcome = await flow.pull({ images: 'HOST/multi:1', platforms: 'linux/arm64,linux/amd64' });
    expect(at(outcome).platforms.map(({ platform }) => platform)).toEqual(['linux/arm64', 'linux/amd64']);
    expect(blobRequests(flow.requests())).toHaveLength(3 + 2);
  });

  test('all takes every platform, and stores attestations without listing them', async () => {
    const store = memoryStore();
    const outcome = await flow.pull({ images: 'HOST/multi:1', platforms: 'all' }, { store });
    expect(at(outcome).platforms.map(({ platform }) => platform)).toEqual([
      'linux/amd64',
      'linux/arm64',
      'linux/arm/v7',
    ]);
    expect([...store.blobs.keys()].sort()).toEqual(multi.sort());
  });

  test.each([
    [
      'HOST/multi:1',
      'linux/riscv64',
      'no matching manifest for linux/riscv64; it is available for linux/amd64, linux/arm64, linux/arm/v7',
    ],
    ['HOST/multi:1', 'unknown/unknown', 'no matching manifest for unknown/unknown'],
    ['HOST/single:1', 'linux/amd64', 'no matching manifest for linux/amd64; it is available for linux/arm64'],
  ])('%s has no %s, and the error says what there is', async (images, platforms, words) => {
    const { error } = at(await flow.pull({ images, platforms }));
    expect(error).toMatchObject({ code: 'PLATFORM_NOT_FOUND', message: expect.stringContaining(words) });
  });

  test('of an image without an index are its config’s: not the default, and it is pulled with a warning, as Docker does', async () => {
    const outcome = await flow.pull({ images: 'HOST/single:1' });
    expect(at(outcome).platforms.map(({ platform }) => platform)).toEqual(['linux/arm64']);
    const message = `${flow.server.host}/single:1: its only platform is linux/arm64, not linux/amd64; it is pulled all the same`;
    expect(flow.events).toContainEqual({ type: 'warning', message });
  });

  test('an explicit platform is strict: arm64 never becomes arm/v7', async () => {
    bag.tag('old', '1', bag.index([await bag.image({ layers: ['v7'], architecture: 'arm', variant: 'v7' })]));
    const { error } = at(await flow.pull({ images: 'HOST/old:1', platforms: 'linux/arm64' }));
    expect(error).toMatchObject({ code: 'PLATFORM_NOT_FOUND' });
  });

  test('are found in an index within an index', async () => {
    bag.tag('nested', '1', bag.index([bag.index([await bag.image({ layers: ['base'] })]) as object]));
    const outcome = await flow.pull({ images: 'HOST/nested:1' });
    expect(at(outcome).platforms.map(({ platform }) => platform)).toEqual(['linux/amd64']);
  });

  test('are not looked for deeper than four indexes, and that is said', async () => {
    let deep: object = await bag.image({ layers: ['base'] });
    for (let depth = 0; depth < 5; depth += 1) deep = bag.index([deep]);
    bag.tag('deep', '1', deep as ReturnType<typeof bag.index>);
    expect(at(await flow.pull({ images: 'HOST/deep:1' })).error?.message).toMatch(
      /; it holds no image manifest, but indexes nested deeper than 4, which are not read$/,
    );
  });

  test('a child that states no platform is held against its config', async () => {
    const { platform: _, ...silent } = await bag.image({ layers: ['base'], architecture: 'arm64' });
    bag.tag('silent', '1', bag.index([silent]));
    expect(at(await flow.pull({ images: 'HOST/silent:1', platforms: 'linux/arm64' })).platforms).toHaveLength(1);
    expect(at(await flow.pull({ images: 'HOST/silent:1' })).error?.message).toContain(
      'it is available for linux/arm64',
    );
  });
});

describe('all-tags', () => {
  test('resolves 200 tags over 20 images with 20 manifests, and each gets its digest', async () => {
    for (let number = 0; number < 20; number += 1) {
      const target = await bag.image({ layers: ['base', `layer ${number}`], layerSize: 100 });
      for (let tag = 0; tag < 10; tag += 1) bag.tag('many', `${number}.${tag}`, target);
    }
    const outcome = await flow.pull({ images: 'HOST/many', 'all-tags': 'true', 'max-tags': '200' });
    const requests = flow.requests();
    expect(outcome.totals).toMatchObject({ images: 200, failed: 0 });
    expect(at(outcome).key).toBe(`${flow.server.host}/many:0.0`);
    expect(new Set(outcome.images.map(({ digest }) => digest)).size).toBe(20);
    expect(requests.filter((request) => request.startsWith('GET /v2/many/manifests/'))).toHaveLength(20);
    expect(requests.filter((request) => request.startsWith('HEAD'))).toHaveLength(200);
    expect(blobRequests(requests)).toHaveLength(21 + 20);
  });

  test('takes what the globs take, and refuses none or too many by number', async () => {
    const target = await bag.image({ layers: ['base'] });
    for (const tag of ['7.0', '7.2', '7.2-rc1', '6.0']) bag.tag('redis', tag, target);
    const pulled = (raw: object) => flow.pull({ images: 'HOST/redis', 'all-tags': 'true', ...raw });
    expect((await pulled({ tags: '7.*\n!*-rc*' })).images.map(({ key }) => key.split(':').at(-1))).toEqual([
      '7.0',
      '7.2',
    ]);
    expect(at(await pulled({ tags: '9.*' })).error?.message).toContain(
      'the registry lists 4 tags and none matches 9.*',
    );
    expect(at(await pulled({ 'max-tags': '3' })).error).toMatchObject({
      code: 'TOO_MANY_TAGS',
      message: expect.stringContaining('all-tags would pull 4 tags, max-tags allows 3'),
      hint: 'Narrow them with tags, or set max-tags: 4.',
    });
  });
});

describe('pull-policy', () => {
  test('missing asks nothing if the store has the image whole, and everything if a layer is gone', async () => {
    const target = await bag.image({ layers: ['base', 'top'] });
    bag.tag('app', '1', target);
    const store = memoryStore();
    const missing = { images: 'HOST/app:1', 'pull-policy': 'missing' };
    await flow.pull(missing, { store });
    flow.requests();
    await flow.pull(missing, { store });
    expect(flow.requests()).toEqual([]);
    const layer = [...bag.blobs.values()].find(({ descriptor }) => descriptor.mediaType.includes('layer'));
    if (layer) store.blobs.delete(layer.descriptor.digest);
    await flow.pull(missing, { store });
    expect(flow.requests()).toEqual(['HEAD /v2/app/manifests/1', `GET /v2/app/blobs/${layer?.descriptor.digest}`]);
  });

  test('missing keeps the digest the tag had, always follows it', async () => {
    const first = await bag.image({ layers: ['base'] });
    bag.tag('app', '1', first);
    const store = memoryStore();
    await flow.pull({ images: 'HOST/app:1' }, { store });
    const second = await bag.image({ layers: ['newer'] });
    bag.tag('app', '1', second);
    expect(at(await flow.pull({ images: 'HOST/app:1', 'pull-policy': 'missing' }, { store })).digest).toBe(
      first.digest,
    );
    expect(at(await flow.pull({ images: 'HOST/app:1' }, { store })).digest).toBe(second.digest);
  });

  test('never fails without a request if the image is not here', async () => {
    bag.tag('app', '1', await bag.image({ layers: ['base'] }));
    const { error } = at(await flow.pull({ images: 'HOST/app:1', 'pull-policy': 'never' }));
    expect(error).toMatchObject({ code: 'NOT_HELD', hint: expect.stringContaining('pull-policy: missing') });
    expect(flow.requests()).toEqual([]);
  });
});

test('a cancelled run ends with CANCELLED and leaves names only for what is complete', async () => {
  bag.tag('app', '1', await bag.image({ layers: ['base'] }));
  const store = memoryStore();
  const controller = new AbortController();
  controller.abort();
  await expect(flow.pull({ images: 'HOST/app:1' }, { store, signal: controller.signal })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
  expect(store.names.size).toBe(0);
});
