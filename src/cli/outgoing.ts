import { randomBytes } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { access, type FileHandle, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { isCancelled, PullError } from '../errors.ts';
import { createReporter } from '../github/reporter.ts';
import { descriptorOf } from '../oci/descriptor.ts';
import { type Manifest, parseDocument } from '../oci/manifest.ts';
import { isImageConfigType } from '../oci/media-types.ts';
import type { ImageOutcome, PullEvent } from '../outcome.ts';
import type { Loadable, Store } from '../ports.ts';
import { pull } from '../pull/pull.ts';
import { parseSettings } from '../settings.ts';
import { compressed, compressionOf, needZstd } from '../tar/compression.ts';
import { wire } from '../wire.ts';
import { type RegistryOptions, registryInputs } from './options.ts';
import { storePath } from './store-path.ts';

/** The options of commands that write images out, as they were typed. */
export interface OutgoingOptions extends RegistryOptions {
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
  /** As in `World`. */
  readonly fillWorker?: string | undefined;
}

/** What is written of the images: one platform of each, all of whose blobs the store holds. */
export interface Content {
  /** `save`, for people. */
  readonly command: string;
  readonly make: (images: readonly Loadable[], store: Store) => AsyncIterable<Uint8Array>;
}

/**
 * Writes images out, compressed by the name of the output; what the store lacks is pulled first. Returns the exit code; throws INPUT_INVALID rather than write to a
 * terminal, and what `pull` and the content throw. There is never half a file under the output's name; what is no file there, such as a device, is written into.
 */
export async function sendOut(
  references: readonly string[],
  options: OutgoingOptions,
  { command, make }: Content,
  { out, say, fillWorker }: Streams,
  signal: AbortSignal,
): Promise<number> {
  if (options.output === undefined && out.isTTY)
    throw new PullError('INPUT_INVALID', command, 'an archive is nothing for a terminal', {
      hint: `Add --output FILE, or redirect: pull-image ${command} redis:7 > redis.tar`,
    });
  const how = compressionOf(options.output ?? '');
  if (how === 'zstd') needZstd();
  if (options.output !== undefined) await checkPlace(options.output, signal);
  const settings = settingsOf(references, options);
  const print = createReporter({ quiet: options.quiet ?? false, write: say });
  const leases: string[] = [];
  const stored: { readonly key: string; readonly image: Loadable }[] = [];
  const report = (event: PullEvent) => {
    if (event.type === 'leased') leases.push(event.lease);
    print(event);
  };
  const world = { environment: process.env, store: storePath(options.store), fillWorker, report, signal };
  const { ports, close } = await wire(settings, world);
  try {
    const { images } = await pull(settings.request, ports);
    if (images.some(({ error }) => error)) return 1;
    for (const image of images) stored.push({ key: image.key, image: await storedImage(image, ports.store) });
    const all = stored.map(({ image }) => image);
    const content = compressed(make(all, ports.store), how);
    await (options.output === undefined ? toStream(content, out, signal) : toFile(content, options.output, signal));
    return 0;
  } catch (error) {
    throw aboutImage(error, stored);
  } finally {
    await Promise.allSettled(leases.map((lease) => ports.store.release(lease)));
    await close();
  }
}

/** A blob that the store cannot give is known by its digest alone; the reader needs to know which image has it. */
function aboutImage(error: unknown, stored: readonly { readonly key: string; readonly image: Loadable }[]): unknown {
  if (!(error instanceof PullError)) return error;
  const { code, subject, message, hint } = error;
  const has = ({ config, layers }: Manifest) => [config, ...layers].some(({ digest }) => digest === subject);
  const found = stored.find(({ image }) => has(image.manifest));
  return found ? new PullError(code, found.key, message, { hint, cause: error }) : error;
}

function settingsOf(references: readonly string[], options: OutgoingOptions) {
  const settings = parseSettings({
    images: references.join('\n'),
    platforms: options.platform,
    engine: 'none',
    'pull-policy': options.pullPolicy ?? 'missing',
    ...registryInputs(options),
  });
  const { platforms } = settings.request;
  if (platforms === 'all' || (platforms !== 'engine' && platforms.length !== 1))
    throw new PullError('INPUT_INVALID', '--platform', 'an archive holds one platform', {
      hint: 'Name one, such as linux/arm64, and save the others to files of their own.',
    });
  return settings;
}

/** The one platform as an image of its own: readers that want every platform of an index would miss the others. */
async function storedImage({ key, reference, platforms }: ImageOutcome, store: Store): Promise<Loadable> {
  const digest = platforms[0]?.digest;
  const bytes = digest && (await store.read(digest));
  if (!reference || !digest || !bytes)
    throw new PullError('NOT_HELD', key, 'the store lost its manifest', { hint: 'Save it again.' });
  const document = { mediaType: '', digest, bytes };
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

async function toFile(archive: AsyncIterable<Uint8Array>, file: string, signal: AbortSignal): Promise<void> {
  const into = (name: string, flags: string) =>
    pipeline(Readable.from(archive, { objectMode: false }), createWriteStream(name, { flags }), { signal });
  try {
    const whole = await behindLinks(path.resolve(file));
    // A device or a pipe is there to be written into: a file in its place would take it from everybody else.
    const reader = await untilRead(whole, signal);
    if (await isNoFile(whole)) await into(whole, 'w').finally(() => reader?.close());
    else await beside(whole, (part) => into(part, 'wx'));
  } catch (error) {
    if (error instanceof PullError) throw error;
    throw writing(file, error, signal);
  }
}

/** What cannot be written is not pulled first. */
async function checkPlace(file: string, signal: AbortSignal): Promise<void> {
  try {
    const whole = await behindLinks(path.resolve(file));
    const found = await stat(whole).catch(() => undefined);
    if (found?.isDirectory()) throw Object.assign(new Error(whole), { code: 'EISDIR' });
    // With a slash behind it only a folder counts.
    if (!found || found.isFile()) await access(`${path.dirname(whole)}${path.sep}`, constants.W_OK);
  } catch (error) {
    throw writing(file, error, signal);
  }
}

/** A pipe that nobody reads yet would be waited for where no signal reaches; this holds the reader until the output is open. */
async function untilRead(file: string, signal: AbortSignal): Promise<FileHandle | undefined> {
  const isPipe = await stat(file).then(
    (found) => found.isFIFO(),
    () => false,
  );
  while (isPipe)
    try {
      return await open(file, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
      await setTimeout(100, undefined, { signal });
    }
  return undefined;
}

/** Beside the file first, so that there is never half of one under its name. */
async function beside(whole: string, write: (part: string) => Promise<void>): Promise<void> {
  const part = `${whole}.${randomBytes(4).toString('hex')}.part`;
  try {
    await write(part);
    await rename(part, whole);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

const isNoFile = (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => !found.isFile(),
    () => false,
  );

/** What a symbolic link leads to, be it there or not; anything else is itself. */
async function behindLinks(file: string): Promise<string> {
  const target = await readlink(file).catch(() => undefined);
  // What it leads to may have no name of its own, as a pipe behind /dev/stdout.
  if (target === undefined || (await isNoFile(file))) return file;
  try {
    return await realpath(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return behindLinks(path.resolve(await realpath(path.dirname(file)), target));
  }
}

function writing(where: string, error: unknown, signal: AbortSignal): PullError {
  if (signal.aborted || isCancelled(error)) return new PullError('CANCELLED', where, 'cancelled', { cause: error });
  const { code = '', message } = error as NodeJS.ErrnoException;
  const reason = FOUND[code] ?? `the archive cannot be written: ${message}`;
  const hint =
    code === 'ENOSPC'
      ? 'Free some space there, or name another file with --output.'
      : 'Name a file that can be written with --output.';
  return new PullError(code === 'ENOSPC' ? 'DISK_FULL' : 'INPUT_INVALID', where, reason, { hint, cause: error });
}

const FOUND: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left for the archive',
  EISDIR: 'expected a file to write the archive to, found a folder',
  ENOENT: 'expected a folder to write the archive in, found none',
  ENOTDIR: 'expected a folder to write the archive in, found a file',
  EACCES: 'expected a place that this user may write to, found one that is kept from it',
  EPERM: 'expected a place that this user may write to, found one that is kept from it',
  EROFS: 'expected a place that can be written to, found a file system that is read-only',
};
