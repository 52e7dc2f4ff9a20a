import { createHash } from 'node:crypto';
import { cancelled } from './errors.ts';
import { oneChunk } from './lib/one-chunk.ts';
import type { Descriptor } from './oci/descriptor.ts';
import { digestOf } from './oci/digest.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from './oci/media-types.ts';
import type { Platform } from './oci/platform.ts';
import type { Store } from './ports.ts';
import type { Catalog } from './server/server.ts';
import { tarEnd, tarFile } from './tar/tar-file.ts';

const LAYER = 'application/vnd.oci.image.layer.v1.tar';
const MB = 1_000_000;
const PLATFORMS: readonly Platform[] = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
];

/**
 * Writes `demo/app:1` and `demo/worker:1` into a store: two platforms each, one base layer in common for each platform. Returns them as a catalog;
 * throws CANCELLED soon after the signal is aborted.
 */
export async function demoCatalog(store: Store, signal: AbortSignal): Promise<Catalog> {
  const tags = new Map([
    ['demo/app', await image(store, 'app', 3 * MB, signal)],
    ['demo/worker', await image(store, 'worker', 1 * MB, signal)],
  ]);
  const written = new Map([...tags.values()].flatMap(({ blobs }) => blobs).map((blob) => [String(blob.digest), blob]));
  return {
    find: (path, reference) => (reference === '1' ? tags.get(path)?.index : written.get(reference)),
    tags: (path) => (tags.has(path) ? ['1'] : []),
  };
}

async function image(
  store: Store,
  name: string,
  size: number,
  signal: AbortSignal,
): Promise<{ index: Descriptor; blobs: readonly Descriptor[] }> {
  const blobs: Descriptor[] = [];
  const add = async (mediaType: string, bytes: Uint8Array): Promise<Descriptor> => {
    if (signal.aborted) throw cancelled();
    const blob = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
    await store.write(blob, oneChunk(bytes));
    blobs.push(blob);
    return blob;
  };
  const manifests: Descriptor[] = [];
  for (const platform of PLATFORMS) {
    const files = [
      await tarOf(`base-${platform.architecture}`, 8 * MB),
      await tarOf(`${name}-${platform.architecture}`, size),
    ];
    const rootfs = { type: 'layers', diff_ids: files.map((bytes) => digestOf(bytes)) };
    const config = await add(OCI_CONFIG, json({ ...platform, config: {}, rootfs }));
    const layers = [];
    for (const bytes of files) layers.push(await add(LAYER, bytes));
    const manifest = json({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers });
    manifests.push({ ...(await add(OCI_MANIFEST, manifest)), platform });
  }
  return { index: await add(OCI_INDEX, json({ schemaVersion: 2, mediaType: OCI_INDEX, manifests })), blobs };
}

async function tarOf(name: string, size: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of tarFile(name, size, [noise(name, size)])) parts.push(part);
  return Buffer.concat([...parts, tarEnd()]);
}

/** The same incompressible bytes each time: a chain of SHA-512 over the name. */
function noise(name: string, size: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  let block = createHash('sha512').update(name).digest();
  for (let at = 0; at < size; at += block.byteLength) {
    block.copy(bytes, at);
    block = createHash('sha512').update(block).digest();
  }
  return bytes;
}

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
