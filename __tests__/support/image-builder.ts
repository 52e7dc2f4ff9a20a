import { createCipheriv, createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import type { BlobSource } from '../../src/ports.ts';
import type { Catalog } from '../../src/server/server.ts';
import { tarEnd, tarFile } from '../../src/tar/tar-file.ts';

/** Bytes that do not compress and are the same for the same name. */
export function noise(name: string, size: number): Buffer {
  const key = createHash('sha256').update(name).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** A real layer: a gzipped tar with one file. */
export async function layerOf(name: string, size = 2_000): Promise<{ bytes: Buffer; diffId: Digest }> {
  const parts: Uint8Array[] = [];
  for await (const part of tarFile(`${name.replaceAll('/', '-')}.bin`, size, [noise(name, size)])) parts.push(part);
  const tar = Buffer.concat([...parts, tarEnd()]);
  return { bytes: gzipSync(tar, { level: 1 }), diffId: digestOf(tar) };
}

export interface ImageRecipe {
  /** Names of layers, bottom first: the same name is the same layer. */
  readonly layers: readonly string[];
  readonly layerSize?: number;
  /** Sizes of layers that differ from that, by their names. */
  readonly layerSizes?: Readonly<Record<string, number>> | undefined;
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
  /** More of the config's top level. */
  readonly config?: object;
  /** More of the manifest's top level. */
  readonly manifest?: object;
}

/** A bag of blobs and tags to build images into: a catalog to serve, and the source of its blobs. */
export interface ImageBag {
  readonly catalog: Catalog;
  readonly source: BlobSource;
  readonly blobs: Map<Digest, { readonly bytes: Uint8Array; readonly descriptor: Descriptor }>;
  add(mediaType: string, content: Uint8Array | object): Descriptor;
  /** A single-platform image; returns its manifest's descriptor with the platform. */
  image(recipe: ImageRecipe): Promise<Descriptor>;
  index(manifests: readonly object[], more?: object): Descriptor;
  tag(path: string, tag: string, target: Descriptor): void;
}

export function imageBag(): ImageBag {
  const blobs: ImageBag['blobs'] = new Map();
  const repositories = new Map<string, Map<string, Descriptor>>();

  function add(mediaType: string, content: Uint8Array | object): Descriptor {
    const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
    blobs.set(descriptor.digest, { bytes, descriptor });
    return descriptor;
  }

  return {
    blobs,
    add,
    async image({
      layers,
      layerSize,
      layerSizes = {},
      os = 'linux',
      architecture = 'amd64',
      variant,
      config,
      manifest,
    }) {
      const built = await Promise.all(layers.map((name) => layerOf(name, layerSizes[name] ?? layerSize)));
      const platform = { os, architecture, ...(variant ? { variant } : {}) };
      const rootfs = { type: 'layers', diff_ids: built.map(({ diffId }) => diffId) };
      const descriptors = built.map(({ bytes }) => add(OCI_LAYER_GZIP, bytes));
      const target = add(OCI_MANIFEST, {
        schemaVersion: 2,
        mediaType: OCI_MANIFEST,
        config: add(OCI_CONFIG, { ...platform, config: {}, rootfs, ...config }),
        layers: descriptors,
        ...manifest,
      });
      return { ...target, platform };
    },
    index: (manifests, more = {}) => add(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests, ...more }),
    tag(path, tag, target) {
      const tags = repositories.get(path) ?? new Map();
      repositories.set(path, tags.set(tag, target));
    },
    catalog: {
      find: (path, reference) =>
        repositories.get(path)?.get(reference) ??
        (repositories.has(path) ? blobs.get(reference as Digest)?.descriptor : undefined),
      tags: (path) => [...(repositories.get(path)?.keys() ?? [])],
    },
    source: {
      async *open({ digest }, range) {
        const bytes = blobs.get(digest)?.bytes;
        if (!bytes) throw new Error(`no ${digest} in the bag`);
        yield bytes.subarray(range?.start, range?.end);
      },
    },
  };
}
