import type { PullError } from '../errors.ts';
import type { ImageOutcome } from '../outcome.ts';

/** The outcome of an image that failed after so many seconds, with whatever is known of it all the same. */
export function failedImage(
  { key, reference, digest, source, platforms = [] }: Partial<ImageOutcome> & { readonly key: string },
  error: PullError,
  seconds: number,
): ImageOutcome {
  return {
    key,
    reference,
    digest,
    source,
    platforms,
    digestRunnable: false,
    loaded: false,
    fresh: false,
    seconds,
    error,
  };
}
