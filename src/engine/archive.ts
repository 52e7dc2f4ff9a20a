import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import { blobPath, CONTAINERD_NAME, INDEX_FILE, LAYOUT_CONTENT, LAYOUT_FILE, REF_NAME } from '../oci/layout.ts';
import type { BlobSource, Loadable } from '../ports.ts';
import { bounded } from '../tar/bounds.ts';
import { tarEnd, tarFile } from '../tar/tar-file.ts';
import { isZstd, unzstd } from '../tar/zstd.ts';

/** How an archive is to be written for the engine at hand. */
export interface ArchiveOptions {
  /** What the image is to be called, registry spelled out: `name:tag`, or `name@digest` for engines that can name digests. */
  readonly name: string;
  /** Replace zstd layers by the plain tars they hold, for an engine that cannot read them. */
  readonly plainZstd: boolean;
  /** Blobs to leave out, for an engine that has what they hold. */
  readonly omitted?: ReadonlySet<Digest> | undefined;
}

/** An image with what it is to be called. */
export interface NamedImage {
  readonly image: Loadable;
  readonly name: string;
}

/**
 * One platform of an image as a tar stream in both formats at once: an OCI layout (image-spec v1.1, image-layout.md), which engines that keep manifests read,
 * and `manifest.json`, which the others read. No temp file; a blob that is not what its digest says ends the stream with the store's own error before the last
 * of its bytes.
 */
export function imageArchive(
  image: Loadable,
  source: BlobSource,
  { name, ...options }: ArchiveOptions,
): AsyncGenerator<Uint8Array> {
  return imagesArchive([{ image, name }], source, options);
}

/** Several images as one such archive, what they share once. */
export async function* imagesArchive(
  images: readonly NamedImage[],
  source: BlobSource,
  options: Omit<ArchiveOptions, 'name'>,
): AsyncGenerator<Uint8Array> {
  yield* file(LAYOUT_FILE, Buffer.from(LAYOUT_CONTENT));
  yield* file(INDEX_FILE, Buffer.from(JSON.stringify(indexOf(images))));
  yield* file('manifest.json', Buffer.from(JSON.stringify(manifestJson(images))));
  const documents = new Map(images.flatMap(({ image }) => image.documents.map((each) => [each.digest, each])));
  for (const { digest, bytes } of documents.values()) yield* file(blobPath(digest), bytes);
  const all = images.flatMap(({ image: { manifest } }) => [manifest.config, ...manifest.layers]);
  const blobs = new Map(all.map((blob) => [blob.digest, blob]));
  for (const blob of blobs.values()) {
    if (options.omitted?.has(blob.digest)) continue;
    if (options.plainZstd && (await beginsAsZstd(blob, source))) yield* plainEntry(blob, source);
    else yield* tarFile(blobPath(blob.digest), blob.size, source.open(blob));
  }
  yield tarEnd();
}

const file = (name: string, bytes: Uint8Array) => tarFile(name, bytes.byteLength, [bytes]);

function indexOf(images: readonly NamedImage[]) {
  const manifests = images.map(({ image: { target }, name }) => {
    const { mediaType, digest, size } = target;
    const tag = name.includes('@') ? undefined : /:([^:/]+)$/.exec(name)?.[1];
    const annotations = { [CONTAINERD_NAME]: name, ...(tag === undefined ? {} : { [REF_NAME]: tag }) };
    return { mediaType, digest, size, annotations };
  });
  return { schemaVersion: 2, manifests };
}

/** One entry an image, with all its names: Docker would load it twice. */
function manifestJson(images: readonly NamedImage[]) {
  const entries = new Map<Digest, { Config: string; RepoTags: string[]; Layers: readonly string[] }>();
  for (const { image, name } of images) {
    const { config, layers } = image.manifest;
    const entry = entries.get(image.target.digest) ?? {
      Config: blobPath(config.digest),
      RepoTags: [],
      Layers: layers.map(({ digest }) => blobPath(digest)),
    };
    if (!name.includes('@')) entry.RepoTags.push(name);
    entries.set(image.target.digest, entry);
  }
  return [...entries.values()];
}

async function beginsAsZstd(blob: Descriptor, source: BlobSource): Promise<boolean> {
  for await (const chunk of source.open(blob)) return isZstd(chunk);
  return false;
}

/** The size stands before the bytes, so they are unpacked twice: engines this old are rare, and memory stays flat. */
async function* plainEntry(blob: Descriptor, source: BlobSource): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of plain(blob, source)) size += chunk.byteLength;
  yield* tarFile(blobPath(blob.digest), size, plain(blob, source));
}

function plain(blob: Descriptor, source: BlobSource): AsyncGenerator<Uint8Array> {
  const subject = `layer ${shortDigest(blob.digest)}`;
  return bounded(unzstd(source.open(blob), subject), () => blob.size, subject);
}
