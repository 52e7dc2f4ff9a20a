import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { oneChunk } from '../lib/one-chunk.ts';
import { parseConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { digestOf } from '../oci/digest.ts';
import type { ArchivedImage } from '../oci/docker-archive.ts';
import { OCI_CONFIG, OCI_LAYER_TAR, OCI_MANIFEST } from '../oci/media-types.ts';
import type { Store } from '../ports.ts';
import { type Aside, fileOf, type Members } from './members.ts';

/**
 * Makes an image of the store out of one that an archive has as a config and plain layers: an OCI manifest over them, the same bytes each time. Each layer must be what
 * the config's `diff_ids` say, and the config what its own name says. Throws INPUT_INVALID or DIGEST_MISMATCH, and what the store throws.
 */
export async function adoptImage(
  image: ArchivedImage,
  members: Members,
  store: Store,
  subject: string,
): Promise<Descriptor> {
  const config = found(members, image.config, subject);
  const named = /([0-9a-f]{64})(?:\.json)?$/.exec(image.config)?.[1];
  if (named !== undefined && config.digest !== `sha256:${named}`)
    throw mismatch(subject, `expected config sha256:${named}, found ${config.digest}`);
  await adopt(store, config);
  const { diffIds } = parseConfig((await store.read(config.digest)) ?? new Uint8Array(), subject);
  if (diffIds.length !== image.layers.length) {
    const reason = `the config lists ${diffIds.length} layers, manifest.json ${image.layers.length}`;
    throw new PullError('INPUT_INVALID', subject, reason);
  }
  const layers: Descriptor[] = [];
  for (const [at, name] of image.layers.entries()) {
    const layer = found(members, name, subject);
    if (layer.digest !== diffIds[at])
      throw mismatch(subject, `expected layer ${clean(diffIds[at] ?? '', 100)}, found ${layer.digest}`);
    await adopt(store, layer);
    layers.push({ mediaType: OCI_LAYER_TAR, digest: layer.digest, size: layer.size });
  }
  return writeManifest(store, { mediaType: OCI_CONFIG, digest: config.digest, size: config.size }, layers);
}

/** Writes an OCI manifest over blobs that are in the store (image-spec v1.1, manifest.md), the same bytes each time, and returns its descriptor. */
export async function writeManifest(
  store: Store,
  config: Descriptor,
  layers: readonly Descriptor[],
): Promise<Descriptor> {
  const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const target = { mediaType: OCI_MANIFEST, digest: digestOf(bytes), size: bytes.byteLength };
  if (!(await store.has(target))) await store.write(target, oneChunk(bytes));
  return target;
}

async function adopt(store: Store, { file, digest, size }: Aside): Promise<void> {
  if (!(await store.has({ digest, size }))) await store.adopt(file, { digest, size });
}

function found(members: Members, name: string, subject: string): Aside {
  const file = fileOf(members, name);
  if (file) return file;
  const reason = `manifest.json names ${clean(name, 200)}, which is not in the archive`;
  throw new PullError('INPUT_INVALID', subject, reason, {
    hint: 'Save the image again: the archive is not complete.',
  });
}

const mismatch = (subject: string, reason: string) => new PullError('DIGEST_MISMATCH', subject, reason);
