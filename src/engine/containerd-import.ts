import { randomUUID } from 'node:crypto';
import { PullError } from '../errors.ts';
import { descriptorOf } from '../oci/descriptor.ts';
import type { BlobSource, Loadable } from '../ports.ts';
import { imageArchive } from './archive.ts';
import { engineFailed } from './engine-failed.ts';
import type { Ended } from './program.ts';

/** Runs `ctr` to its end, until the run is cancelled unless another signal is given, with this on its standard input. */
export type Ctr = (args: readonly string[], until?: AbortSignal, input?: AsyncIterable<Uint8Array>) => Promise<Ended>;

/** Milliseconds to take a name away in, also when the run is cancelled. */
export const FORGET_MS = 60_000;

/** True if a pull stumbled over what containerd kept of a layer: each pull goes on behind it, whatever it is. */
export const isStuck = (error: unknown): error is PullError =>
  error instanceof PullError && error.code === 'ENGINE_FAILED' && /failed commit on ref/i.test(error.reason);

interface Stuck {
  readonly title: string;
  /** What the image is to be called. */
  readonly name: string;
  /** How the pull failed. */
  readonly stuck: PullError;
}

/**
 * Runs a task while containerd holds every blob of the image by another way than a pull: what it keeps of them half-way is not asked for then. They come as
 * an archive, under a name of their own that is gone afterwards. Throws the source's own errors, and ENGINE_FAILED with both failures if the import fails too.
 */
export async function whileImported<T>(
  ctr: Ctr,
  image: Loadable,
  source: BlobSource,
  { title, name, stuck }: Stuck,
  task: () => Promise<T>,
): Promise<T> {
  const manifest = image.documents.at(-1);
  // The manifest alone: an import writes into an index which of its platforms are there, and there may be more than this one.
  const target = manifest ? descriptorOf(manifest) : image.target;
  const own = `pull-image.invalid/import:${randomUUID()}`;
  const archive = imageArchive({ ...image, target }, source, { name: own, plainZstd: false });
  try {
    const { code, stderr } = await ctr(['images', 'import', '--no-unpack', '-'], undefined, archive);
    if (code !== 0)
      throw engineFailed(
        title,
        `loading ${name}`,
        `imported instead: ${lastError(stderr)}; before that, ${stuck.reason}`,
      );
    return await task();
  } finally {
    await ctr(['images', 'rm', own], AbortSignal.timeout(FORGET_MS)).catch(() => {});
  }
}

/** The line of what `ctr` says that says why. */
export function lastError(stderr: string): string {
  const lines = stderr.trim().split('\n');
  return lines.findLast((line) => line.startsWith('ctr: '))?.slice('ctr: '.length) ?? stderr;
}
