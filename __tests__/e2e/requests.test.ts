import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BagRegistry, bagRegistry, fetched } from '../support/bag-registry.ts';
import { type DockerRegistry, pushBlob, pushManifest, startDockerRegistry } from '../support/docker-registry.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { realTest } from '../support/real-parts.ts';
import { newRunner, type Runner } from '../support/runner.ts';
import { auditStore } from '../support/store-audit.ts';

const TAGS = 200;
const IMAGES = 20;

let runner: Runner;
beforeEach(async () => {
  runner = await newRunner();
});
afterEach(() => runner.dispose());

/** 200 tags `0` to `199` on 20 images of two layers, one of which they all share; returns the digest of each tag. */
async function manyTags(bag: ImageBag): Promise<Record<string, string>> {
  const targets = await Promise.all(
    Array.from({ length: IMAGES }, (_, number) => bag.image({ layers: ['base', `top-${number}`] })),
  );
  const digests: Record<string, string> = {};
  for (let tag = 0; tag < TAGS; tag += 1) {
    const target = targets[tag % IMAGES];
    if (!target) throw new Error('no target');
    bag.tag('acme/many', String(tag), target);
    digests[String(tag)] = target.digest;
  }
  return digests;
}

const kinds = (lines: readonly string[]) => {
  const count = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;
  return {
    lists: count(/^GET [^ ]*\/tags\/list/),
    asked: count(/^HEAD [^ ]*\/manifests\//),
    manifests: count(/^GET [^ ]*\/manifests\//),
    blobs: count(/\/blobs\//),
    all: lines.length,
  };
};

/** No digest twice. */
const expectEachOnce = (digests: readonly string[]) =>
  expect([...digests].sort()).toEqual([...new Set(digests)].sort());

describe('what a registry is asked', () => {
  let bag: ImageBag;
  let registry: BagRegistry;
  beforeEach(async () => {
    bag = imageBag();
    registry = await bagRegistry(bag);
  });
  afterEach(() => registry.close());

  test('each blob once, however many images and platforms share it and however often one is listed', async () => {
    const shapes = [
      ['base', 'runtime', 'app'],
      ['base', 'runtime', 'worker'],
      ['base', 'tools'],
    ];
    for (const [at, layers] of shapes.entries()) {
      const amd = await bag.image({ layers });
      const arm = await bag.image({ layers: [layers[0] ?? '', `arm-${at}`], architecture: 'arm64' });
      bag.tag(`acme/app${at}`, 'latest', bag.index([amd, arm]));
    }
    const digest = bag.catalog.find('acme/app0', 'latest')?.digest;
    const first = `${registry.host}/acme/app0`;
    // One image, in five words.
    const five = [
      first,
      `${first}:latest`,
      `${first}@${digest}`,
      `${first}:latest@${digest}`,
      `${first}:other@${digest}`,
    ];
    const images = [...five, ...five, `${registry.host}/acme/app1`, `${registry.host}/acme/app2`];
    const platforms = 'linux/amd64,linux/arm64';
    const result = await runner.run({ images: images.join('\n'), platforms, engine: 'none' });
    expect({ code: result.code, errors: result.errors, stderr: result.stderr }).toEqual({
      code: 0,
      errors: [],
      stderr: '',
    });
    expect(Object.keys(JSON.parse(result.outputs.digests ?? ''))).toHaveLength(7);

    const lines = registry.fresh();
    const blobs = fetched(lines, 'blobs');
    expectEachOnce(blobs);
    // 3 layers, 2 and 1 of them new; 3 of arm64; 6 configs.
    expect(blobs).toHaveLength(5 + 3 + 6);
    expectEachOnce(fetched(lines, 'manifests'));
    expect(kinds(lines)).toEqual({ lists: 0, asked: 3, manifests: 9, blobs: blobs.length, all: 3 + 9 + blobs.length });
    await auditStore(result.outputs.store ?? '');

    const again = await runner.run({ images: images.join('\n'), platforms, engine: 'none' });
    expect(again.outputs['cache-hit']).toBe('true');
    expect(kinds(registry.fresh())).toMatchObject({ asked: 3, all: 3 });

    const pinned = await runner.run({ images: again.outputs.pinned ?? '', platforms, engine: 'none' });
    expect(pinned.code).toBe(0);
    expect(registry.fresh()).toEqual([]);
  }, 30_000);

  test('five listings of one image are one image', async () => {
    bag.tag('acme/app', '1', await bag.image({ layers: ['a', 'b'] }));
    const name = `${registry.host}/acme/app:1`;
    const result = await runner.run({ images: Array(5).fill(name).join(','), engine: 'none' });
    expect(result.code).toBe(0);
    expect(kinds(registry.fresh())).toMatchObject({ asked: 1, manifests: 1, blobs: 3, all: 5 });
    expect(result.stdout.match(/^✓ /gm)).toHaveLength(1);
  }, 30_000);

  test('of one image in three repositories each blob comes once, the config too', async () => {
    const target = await bag.image({ layers: ['a', 'b'] });
    const paths = ['acme/app', 'mirror/app', 'other/name'];
    for (const path of paths) bag.tag(path, '1', target);
    const result = await runner.run({
      images: paths.map((path) => `${registry.host}/${path}:1`).join(),
      engine: 'none',
    });
    expect(result.code).toBe(0);
    const lines = registry.fresh();
    expectEachOnce(fetched(lines, 'blobs'));
    expect(kinds(lines)).toMatchObject({ asked: 3, blobs: 3 });
  }, 30_000);

  test('200 tags on 20 images: 200 digests for one list, 200 HEADs, 20 manifests and each blob once', async () => {
    const digests = await manyTags(bag);
    const inputs = {
      images: `${registry.host}/acme/many`,
      'all-tags': 'true',
      'max-tags': String(TAGS),
      engine: 'none',
    };
    const result = await runner.run(inputs);
    expect({ code: result.code, errors: result.errors }).toEqual({ code: 0, errors: [] });
    const expected = Object.entries(digests).map(([tag, digest]) => [`${registry.host}/acme/many:${tag}`, digest]);
    expect(JSON.parse(result.outputs.digests ?? '')).toEqual(Object.fromEntries(expected));

    const lines = registry.fresh();
    const blobs = fetched(lines, 'blobs');
    expectEachOnce(blobs);
    expectEachOnce(fetched(lines, 'manifests'));
    expect(kinds(lines)).toEqual({
      lists: 1,
      asked: TAGS,
      manifests: IMAGES,
      blobs: 1 + 2 * IMAGES,
      all: 1 + TAGS + IMAGES + blobs.length,
    });

    const { names } = await auditStore(result.outputs.store ?? '');
    expect(names).toEqual(new Map(expected.map(([name = '', digest = '']) => [name, digest])));

    const again = await runner.run(inputs);
    expect(again.outputs.digests).toBe(result.outputs.digests);
    expect(kinds(registry.fresh())).toMatchObject({ lists: 1, asked: TAGS, all: 1 + TAGS });
  }, 60_000);
});

describe('what Debian’s docker-registry is asked', () => {
  const test = realTest('docker-registry');
  let registry: DockerRegistry | undefined;
  afterEach(() => registry?.stop());

  test('200 tags on 20 images: 20 manifests, 200 digests, each blob once; then one request a tag, and none for digests', async () => {
    registry = await startDockerRegistry();
    const { host } = registry;
    const log = async () =>
      ((await registry?.log()) ?? []).map((line) => /"((?:GET|HEAD) [^"]*) HTTP/.exec(line)?.[1] ?? '');
    const bag = imageBag();
    const digests = await manyTags(bag);
    const documents = new Set(Object.values(digests));
    for (const { bytes, descriptor } of bag.blobs.values()) {
      if (!documents.has(descriptor.digest)) await pushBlob(host, 'acme/many', bytes);
    }
    for (const tag of Object.keys(digests)) {
      const target = bag.catalog.find('acme/many', tag);
      const bytes = target && bag.blobs.get(target.digest)?.bytes;
      if (target && bytes) await pushManifest(host, 'acme/many', tag, { mediaType: target.mediaType, bytes });
    }

    const pushed = (await log()).length;
    const inputs = { images: `${host}/acme/many`, 'all-tags': 'true', 'max-tags': String(TAGS), engine: 'none' };
    const result = await runner.run(inputs);
    expect({ code: result.code, errors: result.errors }).toEqual({ code: 0, errors: [] });
    expect(JSON.parse(result.outputs.digests ?? '')).toEqual(
      Object.fromEntries(Object.entries(digests).map(([tag, digest]) => [`${host}/acme/many:${tag}`, digest])),
    );
    const cold = (await log()).slice(pushed);
    expectEachOnce(fetched(cold, 'blobs'));
    expect(kinds(cold)).toMatchObject({ asked: TAGS, manifests: IMAGES, blobs: 1 + 2 * IMAGES });

    const again = await runner.run(inputs);
    expect(again.outputs['cache-hit']).toBe('true');
    const warm = (await log()).slice(pushed + cold.length);
    expect(kinds(warm)).toEqual({
      lists: kinds(cold).lists,
      asked: TAGS,
      manifests: 0,
      blobs: 0,
      all: TAGS + kinds(cold).lists,
    });

    const before = (await log()).length;
    const pinned = await runner.run({ images: again.outputs.pinned ?? '', engine: 'none' });
    expect({ code: pinned.code, hit: pinned.outputs['cache-hit'] }).toEqual({ code: 0, hit: 'true' });
    expect((await log()).slice(before)).toEqual([]);
  }, 60_000);
});
