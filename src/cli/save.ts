import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { imagesArchive, type NamedImage } from '../engine/archive.ts';
import { isCancelled, PullError } from '../errors.ts';
import { createReporter } from '../github/reporter.ts';
import { descriptorOf } from '../oci/descriptor.ts';
import { algorithmOf, shortDigest } from '../oci/digest.ts';
import { parseDocument } from '../oci/manifest.ts';
import { isImageConfigType } from '../oci/media-types.ts';
import { canonicalName, type Reference } from '../oci/reference.ts';
import type { ImageOutcome, PullEvent } from '../outcome.ts';
import type { Loadable, Store } from '../ports.ts';
import { pull } from '../pull/pull.ts';
import { parseSettings } from '../settings.ts';
import { compressed, compressionOf, needZstd } from '../tar/compression.ts';
import { wire } from '../wire.ts';
import { storePath } from './store-path.ts';

/** The options of `save` as they were typed. */
export interface SaveOptions {
  readonly platform?: string;
  readonly output?: string;
  readonly pullPolicy?: string;
  readonly store?: string;
  readonly quiet?: boolean;
}

/** Where an archive without `--output` goes, and where everything that is said goes. */
export interface Streams {
  readonly out: Writable & { readonly isTTY?: boolean };
  readonly say: (line: string) => void;
}

/**
 * `save`: one platform of each image in one archive that docker load, podman load, ctr images import and kind load image-archive accept, the same bytes each time. What
 * the store lacks is pulled first. Returns the exit code; throws INPUT_INVALID rather than write to a terminal, and what `pull` throws.
 */
export async function saveCommand(
  references: readonly string[],
  options: SaveOptions,
  { out, say }: Streams,
  signal: AbortSignal,
): Promise<number> {
  if (options.output === undefined && out.isTTY)
    throw new PullError('INPUT_INVALID', 'save', 'an archive is nothing for a terminal', {
      hint: 'Add --output FILE, or redirect: pull-image save redis:7 > redis.tar',
    });
  const how = compressionOf(options.output ?? '');
  if (how === 'zstd') needZstd();
  const settings = parseSettings({
    images: references.join('\n'),
    platforms: options.platform,
    engine: 'none',
    'pull-policy': options.pullPolicy ?? 'missing',
    'github-token': process.env.GITHUB_TOKEN,
  });
  const { platforms } = settings.request;
  if (platforms === 'all' || (platforms !== 'engine' && platforms.length !== 1))
    throw new PullError('INPUT_INVALID', '--platform', 'an archive holds one platform', {
      hint: 'Name one, such as linux/arm64, and save the others to files of their own.',
    });
  const print = createReporter({ quiet: options.quiet ?? false, write: say });
  const leases: string[] = [];
  const report = (event: PullEvent) => {
    if (event.type === 'leased') leases.push(event.lease);
    print(event);
  };
  const { ports, close } = await wire(settings, {
    environment: process.env,
    store: storePath(options.store),
    report,
    signal,
  });
  try {
    const { images } = await pull(settings.request, ports);
    if (images.some(({ error }) => error)) return 1;
    const named: NamedImage[] = [];
    for (const image of images) {
      const stored = await storedImage(image, ports.store);
      named.push({ image: stored, name: archiveName(stored.reference) });
    }
    const archive = compressed(imagesArchive(named, ports.store, { plainZstd: false }), how);
    await (options.output === undefined ? toStream(archive, out, signal) : toFile(archive, options.output, signal));
    return 0;
  } finally {
    await Promise.allSettled(leases.map((lease) => ports.store.release(lease)));
    await close();
  }
}

/** A digest alone is no name that every reader takes: it becomes the tag that Docker's graph drivers get, too. */
function archiveName(reference: Reference): string {
  const { tag, digest } = reference;
  const word =
    tag === undefined && digest !== undefined ? `${algorithmOf(digest)}-${shortDigest(digest)}` : (tag ?? 'latest');
  return `${canonicalName(reference)}:${word}`;
}

/** The one platform as an image of its own: readers that want every platform of an index would miss the others. */
async function storedImage({ key, reference, platforms }: ImageOutcome, store: Store): Promise<Loadable> {
  const [first] = platforms;
  const bytes = first && (await store.read(first.digest));
  if (!reference || !first || !bytes)
    throw new PullError('NOT_HELD', key, 'the store lost its manifest', { hint: 'Save it again.' });
  const document = { mediaType: '', digest: first.digest, bytes };
  const manifest = parseDocument(document, key);
  if (manifest.kind !== 'manifest' || manifest.artifactType || !isImageConfigType(manifest.config.mediaType))
    throw new PullError('UNSUPPORTED', key, 'not a container image but an artifact, which no engine loads', {
      hint: 'Use pull-image pull to keep it in the store.',
    });
  const typed = { ...document, mediaType: manifest.mediaType };
  const platform = { os: 'linux', architecture: 'unknown' };
  return { reference, target: descriptorOf(typed), documents: [typed], manifest, platform };
}

async function toStream(archive: AsyncIterable<Uint8Array>, out: Writable, signal: AbortSignal): Promise<void> {
  try {
    await pipeline(Readable.from(archive, { objectMode: false }), out, { signal, end: false });
  } catch (error) {
    if (error instanceof PullError) throw error;
    throw writing('standard output', error, signal);
  }
}

/** Beside the file first, so that there is never half of one under its name. */
async function toFile(archive: AsyncIterable<Uint8Array>, file: string, signal: AbortSignal): Promise<void> {
  const whole = path.resolve(file);
  const part = `${whole}.${randomBytes(4).toString('hex')}.part`;
  try {
    await pipeline(Readable.from(archive, { objectMode: false }), createWriteStream(part, { flags: 'wx' }), { signal });
    await rename(part, whole);
  } catch (error) {
    await rm(part, { force: true });
    if (error instanceof PullError) throw error;
    throw writing(file, error, signal);
  }
}

function writing(where: string, error: unknown, signal: AbortSignal): PullError {
  if (signal.aborted || isCancelled(error)) return new PullError('CANCELLED', 'save', 'cancelled', { cause: error });
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC')
    return new PullError('DISK_FULL', where, 'no space left for the archive', {
      hint: 'Free some space there, or name another file with --output.',
      cause: error,
    });
  return new PullError('INPUT_INVALID', where, `the archive cannot be written: ${message}`, {
    hint: 'Name a file that can be written with --output.',
    cause: error,
  });
}
