import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PullError } from '../errors.ts';
import { oneChunk } from '../lib/one-chunk.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf, finishDigest } from '../oci/digest.ts';
import { OCI_CONFIG, OCI_LAYER_GZIP } from '../oci/media-types.ts';
import type { Platform } from '../oci/platform.ts';
import type { Store } from '../ports.ts';
import { UNBOUNDED } from '../tar/bounds.ts';
import { compressed, decompressed } from '../tar/compression.ts';
import { readTar } from '../tar/read-tar.ts';
import { writeManifest } from './adopt-image.ts';
import type { ContainerConfig } from './changes.ts';

/** Of no bytes. */
const NOTHING = digestOf(Buffer.of());

/** What is to be said of an imported image. */
export interface ImportFacts {
  readonly platform: Platform;
  readonly comment: string;
  /** How containers of it are run. */
  readonly config?: ContainerConfig | undefined;
  /** RFC 3339. */
  readonly created: string;
}

/** An imported image. */
export interface Imported {
  readonly target: Descriptor;
  readonly layer: Descriptor;
}

/**
 * Makes a one-layer OCI image of a tar, gzip and zstd included; the layer is stored as gzip. Throws INPUT_INVALID for what is no whole tar or nothing at all, before anything is in the
 * store, and what the store and the chunks throw.
 */
export async function importTar(
  chunks: AsyncIterable<Uint8Array>,
  store: Store,
  { platform, comment, created, config: settings = {} }: ImportFacts,
  subject: string,
): Promise<Imported> {
  const staging = path.join(store.root, 'staging');
  await mkdir(staging, { recursive: true });
  const folder = await mkdtemp(path.join(staging, 'import-'));
  try {
    const { file, diffId, layer } = await packed(decompressed(chunks, subject), folder);
    // A tar of no files has its end: this is what a program leaves that failed before a pipe.
    if (diffId === NOTHING)
      throw new PullError('INPUT_INVALID', subject, 'is empty, expected a tar', {
        hint: 'Look at what was to write it: it may have failed.',
      });
    // Read to its end, so that no image holds what nobody can unpack.
    const plain = decompressed(createReadStream(file), subject, { bounds: UNBOUNDED });
    for await (const _ of readTar(plain, subject, { ended: true }));
    if (!(await store.has(layer))) await store.adopt(file, layer);
    const { os, architecture, variant } = platform;
    const config = Buffer.from(
      JSON.stringify({
        created,
        architecture,
        os,
        variant,
        config: settings,
        rootfs: { type: 'layers', diff_ids: [diffId] },
        history: [{ created, comment }],
      }),
    );
    const described = { mediaType: OCI_CONFIG, digest: digestOf(config), size: config.byteLength };
    if (!(await store.has(described))) await store.write(described, oneChunk(config));
    return { target: await writeManifest(store, described, [layer]), layer };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function packed(
  plain: AsyncIterable<Uint8Array>,
  folder: string,
): Promise<{ file: string; diffId: Digest; layer: Descriptor }> {
  const file = path.join(folder, randomUUID());
  const inner = createHash('sha256');
  const outer = createHash('sha256');
  async function* hashed(content: AsyncIterable<Uint8Array>, hash: typeof inner) {
    for await (const part of content) {
      hash.update(part);
      yield part;
    }
  }
  const gzip = hashed(compressed(hashed(plain, inner), 'gzip'), outer);
  await pipeline(gzip, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  const { size } = await stat(file);
  const layer = { mediaType: OCI_LAYER_GZIP, digest: finishDigest(outer, 'sha256'), size };
  return { file, diffId: finishDigest(inner, 'sha256'), layer };
}
