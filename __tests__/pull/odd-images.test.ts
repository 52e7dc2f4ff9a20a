import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import { OCI_CONFIG, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import type { ImageOutcome } from '../../src/outcome.ts';
import { type MemoryEngine, memoryEngine } from '../fakes/memory-engine.ts';
import { type MemoryStore, memoryStore } from '../fakes/memory-store.ts';
import { type Flow, flowOver } from '../support/flow.ts';
import { type ImageBag, imageBag, layerOf, noise } from '../support/image-builder.ts';

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

/** An image whose layers are just these, tagged `odd:1`. */
function imageOf(layers: readonly object[], diffIds: readonly Digest[] = [], configType = OCI_CONFIG): Descriptor {
  const rootfs = { type: 'layers', diff_ids: diffIds };
  const config = bag.add(configType, { os: 'linux', architecture: 'amd64', rootfs });
  const target = bag.add(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers });
  bag.tag('odd', '1', target);
  return target;
}

async function pullOdd(reference = 'odd:1', parts: object = { engine }): Promise<ImageOutcome> {
  const outcome = await flow.pull({ images: `HOST/${reference}` }, { store, ...parts });
  const [image] = outcome.images;
  if (!image) throw new Error('no image');
  return { ...image, error: image.error };
}

/** The layer under the digest of another algorithm, and found by it. */
function underSha512(bytes: Uint8Array, mediaType: string): Descriptor {
  const descriptor = { mediaType, digest: digestOf(bytes, 'sha512'), size: bytes.byteLength };
  bag.blobs.set(descriptor.digest, { bytes, descriptor });
  return descriptor;
}

describe('a layer', () => {
  const OCI = 'application/vnd.oci.image.layer';
  test.each([
    ['compressed with zstd', `${OCI}.v1.tar+zstd`, (tar: Buffer) => zstdCompressSync(tar)],
    [
      'of zstd:chunked, with a frame to skip at its end',
      `${OCI}.v1.tar+zstd`,
      (tar: Buffer) => {
        const frame = Buffer.from('502a4d1804000000deadbeef', 'hex');
        return Buffer.concat([zstdCompressSync(tar), frame]);
      },
    ],
    ['not compressed', `${OCI}.v1.tar`, (tar: Buffer) => tar],
    ['whose type lies about its compression', OCI_LAYER_GZIP, (tar: Buffer) => zstdCompressSync(tar)],
    ['not to be distributed', `${OCI}.nondistributable.v1.tar+gzip`, (tar: Buffer) => tar],
    ['of Docker’s foreign type', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', (tar: Buffer) => tar],
    ['of no bytes', `${OCI}.v1.tar`, () => Buffer.alloc(0)],
    ['of a type nobody knows', 'application/x-surprise', (tar: Buffer) => tar],
  ])('%s is stored as it is, and handed over', async (_, mediaType, pack) => {
    const tar = noise('tar', 4000);
    const layer = bag.add(mediaType, pack(tar));
    const target = imageOf([layer], [digestOf(layer.size === 0 ? '' : tar)]);
    expect(await pullOdd()).toMatchObject({ digest: target.digest, loaded: true, error: undefined });
    expect(digestOf(store.blobs.get(layer.digest) ?? 'nothing')).toBe(layer.digest);
  });

  test('of eStargz is a gzip like any other', async () => {
    const { bytes, diffId } = await layerOf('stargz');
    const annotations = { 'containerd.io/snapshot/stargz/toc.digest': digestOf('toc') };
    const layer = { ...bag.add(OCI_LAYER_GZIP, bytes), annotations };
    imageOf([layer], [diffId]);
    expect(await pullOdd()).toMatchObject({ loaded: true, error: undefined });
    expect(store.blobs.get(layer.digest)).toEqual(bytes);
  });

  test('whose bytes the manifest carries along is not asked for', async () => {
    const layer = bag.add(OCI_LAYER_GZIP, Buffer.from('inline'));
    imageOf([{ ...layer, data: Buffer.from('inline').toString('base64') }], [digestOf('inline')]);
    expect(await pullOdd()).toMatchObject({ loaded: true, error: undefined });
    expect(flow.requests().filter((line) => line.includes(layer.digest))).toEqual([]);
    expect(store.blobs.get(layer.digest)).toEqual(Buffer.from('inline'));
  });

  test('named by sha512 is verified by sha512', async () => {
    const { bytes, diffId } = await layerOf('long');
    const layer = underSha512(bytes, OCI_LAYER_GZIP);
    imageOf([layer], [diffId]);
    expect(await pullOdd()).toMatchObject({ loaded: true, error: undefined });
    expect(digestOf(store.blobs.get(layer.digest) ?? '', 'sha512')).toBe(layer.digest);
    const wrong = underSha512((await layerOf('wrong')).bytes, OCI_LAYER_GZIP);
    bag.blobs.set(wrong.digest, { bytes: Buffer.alloc(wrong.size), descriptor: wrong });
    imageOf([wrong]);
    expect((await pullOdd()).error).toMatchObject({
      code: 'DIGEST_MISMATCH',
      message: expect.stringContaining('sha512:'),
    });
  });
});

test('an image without layers is one all the same', async () => {
  imageOf([]);
  expect(await pullOdd()).toMatchObject({ loaded: true, error: undefined });
});

test('a manifest pulled by its sha512 digest is verified by it', async () => {
  const { bytes } = bag.blobs.get(imageOf([]).digest) ?? { bytes: Buffer.alloc(0) };
  const target = underSha512(bytes, OCI_MANIFEST);
  expect(await pullOdd(`odd@${target.digest}`)).toMatchObject({ digest: target.digest, error: undefined });
});

describe('refused in words', () => {
  test.each([
    ['a Helm chart', 'application/vnd.cncf.helm.config.v1+json', 'a Helm chart'],
    ['a Docker plugin', 'application/vnd.docker.plugin.v1+json', 'a Docker plugin'],
    ['an artifact nobody knows', 'application/vnd.acme.thing', 'an artifact'],
    ['an artifact with the name of a trap', 'constructor', 'an artifact'],
  ])('%s under an engine, and kept without one', async (_, type, words) => {
    const chart = bag.add('application/vnd.cncf.helm.chart.content.v1.tar+gzip', Buffer.from('chart'));
    imageOf([chart], [], type);
    expect((await pullOdd()).error).toMatchObject({
      code: 'UNSUPPORTED',
      reason: `not a container image but ${words} (${type}), which ${engine.title} cannot run`,
      hint: 'Use engine: none to keep it in the store.',
    });
    expect(store.blobs.has(chart.digest)).toBe(false);
    expect((await pullOdd('odd:1', {})).error).toBeUndefined();
    expect(store.blobs.has(chart.digest)).toBe(true);
  });

  test('an encrypted layer under an engine, before any byte moves; kept without one', async () => {
    const type = 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted';
    const layer = bag.add(type, noise('secret', 4000));
    imageOf([layer]);
    expect((await pullOdd()).error).toMatchObject({
      code: 'UNSUPPORTED',
      reason: `layer ${layer.digest.slice(7, 19)} is encrypted (${type}), which ${engine.title} cannot unpack`,
      hint: 'Use engine: none to keep it in the store, and decrypt it from there, such as with `skopeo copy --decryption-key`.',
    });
    expect(store.blobs.has(layer.digest)).toBe(false);
    expect((await pullOdd('odd:1', {})).error).toBeUndefined();
    expect(store.blobs.has(layer.digest)).toBe(true);
  });

  test('a layer whose digest is of an algorithm nobody here computes', async () => {
    imageOf([{ mediaType: OCI_LAYER_GZIP, digest: `blake3:${'a'.repeat(64)}` as Digest, size: 5 }]);
    expect((await pullOdd()).error).toMatchObject({
      code: 'MANIFEST_INVALID',
      reason: 'layers.0.digest: unsupported digest algorithm "blake3", expected sha256 or sha512',
    });
  });

  test('schema 1', async () => {
    const target = bag.add('application/vnd.docker.distribution.manifest.v1+prettyjws', {
      schemaVersion: 1,
      fsLayers: [],
    });
    bag.tag('odd', '1', target);
    expect((await pullOdd()).error).toMatchObject({
      code: 'MANIFEST_INVALID',
      reason: expect.stringContaining(
        'found Docker image manifest version 2, schema 1, which Docker no longer supports',
      ),
      hint: expect.stringContaining('https://docs.docker.com/go/deprecated-image-specs/'),
    });
  });
});
