import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { type ArchivedImage, parseArchiveManifest } from '../oci/docker-archive.ts';
import { CONTAINERD_NAME, REF_NAME } from '../oci/layout.ts';
import { parseDocument } from '../oci/manifest.ts';
import { parseReference, type Reference, withDefaultTag } from '../oci/reference.ts';
import type { Store } from '../ports.ts';
import { decompressed } from '../tar/compression.ts';
import { adoptImage } from './adopt-image.ts';
import { type Members, takeApart } from './members.ts';

/** An image that an archive brought, with the names the archive has for it; what it leads to is in the store as far as the archive goes. */
export interface Brought {
  readonly target: Descriptor;
  readonly names: readonly Reference[];
}

/** What an archive brought. */
export interface Load {
  readonly images: readonly Brought[];
  /** Files of the archive that were proved, their bytes, and how many of them were blobs of the store already. */
  readonly blobs: number;
  readonly bytes: number;
  readonly known: number;
}

/**
 * Brings the images of an archive into the store, gzip and zstd included: OCI layouts (`ctr images export`, `docker save` from 25 on, `skopeo`, `podman save`) and what
 * `docker save` wrote before. Every byte is proved by a digest before anything is given a name. Throws INPUT_INVALID, DIGEST_MISMATCH, and what the store throws.
 */
export async function loadArchive(chunks: AsyncIterable<Uint8Array>, store: Store, subject: string): Promise<Load> {
  const staging = path.join(store.root, 'staging');
  await mkdir(staging, { recursive: true });
  const folder = await mkdtemp(path.join(staging, 'load-'));
  try {
    const members = await takeApart(decompressed(chunks, subject), store, folder, subject);
    const images = await imagesOf(members, store, subject);
    if (images.length === 0)
      throw new PullError('INPUT_INVALID', subject, 'holds no image', {
        hint: 'Give an archive of docker save, podman save, skopeo copy, ctr images export or pull-image save.',
      });
    const sizes = [...members.blobs.values(), ...[...members.aside.values()].map(({ size }) => size)];
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    return { images, blobs: sizes.length, bytes, known: members.known };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function imagesOf(members: Members, store: Store, subject: string): Promise<readonly Brought[]> {
  const { documents } = members;
  const listed = documents.get('manifest.json');
  const archived = listed ? parseArchiveManifest(listed, subject) : [];
  const index = documents.get('index.json');
  if (!index) {
    const made: Brought[] = [];
    for (const image of archived)
      made.push({ target: await adoptImage(image, members, store, subject), names: references(image.names) });
    return made;
  }
  const content = parseDocument({ mediaType: '', digest: digestOf(index), bytes: index }, `${subject}, index.json`);
  if (content.kind !== 'index') throw new PullError('INPUT_INVALID', subject, 'index.json is no index');
  const byTarget = new Map<Digest, Brought>();
  for (const target of content.manifests) {
    const known = byTarget.get(target.digest);
    byTarget.set(target.digest, {
      target: known?.target ?? target,
      names: [...(known?.names ?? []), ...nameOf(target)],
    });
  }
  return Promise.all([...byTarget.values()].map((brought) => withDockerNames(brought, archived, store)));
}

/** The name of an entry: containerd's is whole; the one of OCI may be a tag alone, which names nothing. */
function nameOf({ annotations = {} }: Descriptor): readonly Reference[] {
  const name = annotations[CONTAINERD_NAME] ?? annotations[REF_NAME];
  return name !== undefined && /[:/]/.test(name) ? references([name]) : [];
}

/** Names out of `manifest.json`, for an entry of `index.json` that has none: their configs are one. */
async function withDockerNames(
  { target, names }: Brought,
  archived: readonly ArchivedImage[],
  store: Store,
): Promise<Brought> {
  if (names.length > 0 || archived.length === 0) return { target, names };
  const configs = await configsOf(store, target);
  const found = archived.filter(({ config }) => configs.some((digest) => config.includes(digest.slice(7))));
  return { target, names: references(found.flatMap((image) => image.names)) };
}

async function configsOf(store: Store, { digest }: Descriptor, depth = 0): Promise<readonly Digest[]> {
  const bytes = await store.read(digest);
  if (!bytes) return [];
  const content = parseDocument({ mediaType: '', digest, bytes }, digest);
  if (content.kind === 'manifest') return [content.config.digest];
  if (depth > 2) return [];
  return (await Promise.all(content.manifests.map((child) => configsOf(store, child, depth + 1)))).flat();
}

/** What is no reference is no name. */
function references(names: readonly string[]): readonly Reference[] {
  const read = names.map((name) => {
    try {
      return withDefaultTag(parseReference(clean(name, 1000)));
    } catch (error) {
      if (error instanceof PullError) return undefined;
      throw error;
    }
  });
  return read.filter((reference) => reference !== undefined);
}
