import { PullError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { BlobSource, Loadable } from '../ports.ts';

/** One image on a registry of its own on this machine. */
export interface Offer {
  /** `127.0.0.1:PORT`, plain HTTP. */
  readonly host: string;
  /** What stands before the repository's path there, and cannot be guessed. */
  readonly prefix: string;
  /** True once somebody who knows the prefix has asked for something. */
  asked(): boolean;
  close(): Promise<void>;
}

/** Serves an image under its own path, by its digests and by `tag`; its blobs may still be arriving. */
export type OfferImage = (image: Loadable, source: BlobSource, tag: string) => Promise<Offer>;

/**
 * Runs a task while the image is served, and ends the server with it. If the source fails, the signal is aborted with its error and that error is thrown, for an
 * engine would only tell of a broken connection; so is what is wrong with a blob that the engine read and refused.
 */
export async function whileOffered<T>(
  offerImage: OfferImage,
  { image, source, tag, signal }: OfferedImage,
  task: (offer: Offer, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const read = new Map<Digest, Descriptor>();
  const watched = watch(source, read, (error) => {
    failure ??= { error };
    stop.abort(error);
  });
  const offer = await offerImage(image, watched, tag);
  try {
    return await task(offer, AbortSignal.any([signal, stop.signal]));
  } catch (error) {
    if (failure) throw failure.error;
    if (error instanceof PullError && error.code === 'ENGINE_FAILED') await prove(source, read.values());
    throw error;
  } finally {
    await offer.close();
  }
}

interface OfferedImage {
  readonly image: Loadable;
  readonly source: BlobSource;
  readonly tag: string;
  readonly signal: AbortSignal;
}

/** Notes what is read to its end. The engine hashes what it pulls, and needs the processor for it: here a blob is taken as it lies. */
function watch(source: BlobSource, read: Map<Digest, Descriptor>, failed: (error: unknown) => void): BlobSource {
  return {
    async *open(blob, range = { start: 0, end: blob.size }) {
      const iterator = source.open(blob, range)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await iterator.next().catch((error: unknown) => {
            failed(error);
            throw error;
          });
          if (next.done) break;
          yield next.value;
        }
        if (range.end === blob.size) read.set(blob.digest, blob);
      } finally {
        await iterator.return?.();
      }
    },
  };
}

async function prove(source: BlobSource, blobs: Iterable<Descriptor>): Promise<void> {
  for (const blob of blobs) for await (const _ of source.open(blob));
}
