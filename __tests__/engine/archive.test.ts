import zlib from 'node:zlib';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type ArchiveOptions, imageArchive } from '../../src/engine/archive.ts';
import { PullError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import type { Loadable } from '../../src/ports.ts';
import { type ImageBag, imageBag, layerOf } from '../support/image-builder.ts';
import { loadableFrom, watched } from '../support/loadable.ts';
import { collect } from '../support/store-blobs.ts';
import { tarEntries } from '../support/tar-entries.ts';

let bag: ImageBag;
beforeEach(() => {
  bag = imageBag();
});

const plainly = (name: string): ArchiveOptions => ({ name, plainZstd: false });

async function archived(image: Loadable, options: ArchiveOptions) {
  const entries = await tarEntries(await collect(imageArchive(image, bag.source, options)));
  const json = (path: string) => JSON.parse(String(entries.find((entry) => entry.path === path)?.bytes));
  return { entries, json, paths: entries.map(({ path }) => path) };
}

describe('an archive of an image', () => {
  test('holds both formats: the layout with the target by its name, and manifest.json', async () => {
    const child = await bag.image({ layers: ['base', 'top'] });
    const target = bag.index([child, await bag.image({ layers: ['other'], architecture: 'arm64' })]);
    const image = loadableFrom(bag, 'redis:7', target, child);
    const { entries, json, paths } = await archived(image, plainly('docker.io/library/redis:7'));
    expect(json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
    expect(json('index.json')).toEqual({
      schemaVersion: 2,
      manifests: [
        {
          mediaType: target.mediaType,
          digest: target.digest,
          size: target.size,
          annotations: {
            'io.containerd.image.name': 'docker.io/library/redis:7',
            'org.opencontainers.image.ref.name': '7',
          },
        },
      ],
    });
    const { config, layers } = image.manifest;
    const blob = (digest: string) => `blobs/${digest.replace(':', '/')}`;
    expect(json('manifest.json')).toEqual([
      {
        Config: blob(config.digest),
        RepoTags: ['docker.io/library/redis:7'],
        Layers: layers.map(({ digest }) => blob(digest)),
      },
    ]);
    const blobs = [target, child, config, ...layers].map(({ digest }) => blob(digest));
    expect(paths).toEqual(['oci-layout', 'index.json', 'manifest.json', ...blobs]);
    for (const { path, bytes } of entries.slice(3)) expect(blob(digestOf(bytes))).toBe(path);
  });

  test('under a digest names no tag', async () => {
    const target = await bag.image({ layers: ['base'] });
    const name = `[::1]:5000/a/b@${target.digest}`;
    const { json } = await archived(loadableFrom(bag, name, target), plainly(name));
    expect(json('manifest.json')[0].RepoTags).toEqual([]);
    expect(json('index.json').manifests[0].annotations).toEqual({ 'io.containerd.image.name': name });
  });

  test('holds a blob once that the manifest lists twice', async () => {
    const image = loadableFrom(bag, 'a:1', await bag.image({ layers: ['base', 'base'] }));
    const { json, paths } = await archived(image, plainly('docker.io/library/a:1'));
    expect(json('manifest.json')[0].Layers).toHaveLength(2);
    expect(new Set(paths).size).toBe(paths.length);
  });

  test('ends with the source’s own error, and before the end of the blob', async () => {
    const image = loadableFrom(bag, 'a:1', await bag.image({ layers: ['base'] }));
    const failure = new PullError('DIGEST_MISMATCH', 'blob', 'other bytes');
    const source = {
      async *open() {
        yield Buffer.from('some');
        throw failure;
      },
    };
    const parts: Uint8Array[] = [];
    const reading = (async () => {
      for await (const part of imageArchive(image, source, plainly('docker.io/library/a:1'))) parts.push(part);
    })();
    await expect(reading).rejects.toBe(failure);
    expect(String(parts.at(-1))).toBe('some');
  });
});

describe('zstd layers', () => {
  async function zstdImage() {
    const { bytes } = await layerOf('base', 300_000);
    const tar = zlib.gunzipSync(bytes);
    const layer = bag.add('application/vnd.oci.image.layer.v1.tar+zstd', zlib.zstdCompressSync(tar));
    const rootfs = { type: 'layers', diff_ids: [digestOf(tar)] };
    const config = bag.add(OCI_CONFIG, { os: 'linux', architecture: 'amd64', config: {}, rootfs });
    const target = bag.add(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [layer] });
    return { image: loadableFrom(bag, 'a:1', target), layer, tar };
  }

  test('go as they are where the engine reads them', async () => {
    const { image, layer } = await zstdImage();
    const { entries } = await archived(image, plainly('docker.io/library/a:1'));
    expect(entries.at(-1)?.size).toBe(layer.size);
  });

  test('go as plain tars where it does not, and other layers as they are', async () => {
    const { image, tar } = await zstdImage();
    const gzip = bag.add('application/vnd.oci.image.layer.v1.tar+gzip', (await layerOf('gzip')).bytes);
    const mixed = { ...image, manifest: { ...image.manifest, layers: [...image.manifest.layers, gzip] } };
    const { entries, json } = await archived(mixed, { name: 'docker.io/library/a:1', plainZstd: true });
    const [first, second] = json('manifest.json')[0].Layers.map(
      (path: string) => entries.find((entry) => entry.path === path)?.bytes,
    );
    expect(Buffer.compare(first, tar)).toBe(0);
    expect(digestOf(second)).toBe(gzip.digest);
  });

  test('are read only where they must be unpacked', async () => {
    const { image, layer } = await zstdImage();
    const source = watched(bag.source);
    await collect(imageArchive(image, source, plainly('docker.io/library/a:1')));
    expect(source.opened.filter((digest) => digest === layer.digest)).toHaveLength(1);
  });
});
