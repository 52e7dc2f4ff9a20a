import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';

/** ENGINE_FAILED in the engine's own words, cleaned, with what was being done. */
export function engineFailed(title: string, doing: string, said: string): PullError {
  return new PullError('ENGINE_FAILED', title, `${doing}: ${clean(said, 500) || 'no reason given'}`, {
    hint: hintFor(said),
  });
}

const isFull = (words: string): boolean => /no space left/i.test(words);

/** True for an error of the engine's own that another try, or another way in, may mend: a full disk stays full. */
export const isWorthAnother = (error: unknown): error is PullError =>
  error instanceof PullError && error.code === 'ENGINE_FAILED' && !isFull(error.reason);

function hintFor(said: string): string {
  if (isFull(said)) return 'Free some disk space for the engine.';
  // containerd goes on with what it has of a layer for a day, whatever it is.
  if (/failed commit on ref/i.test(said))
    return 'containerd holds on to what came of a layer in a run that was killed: `ctr leases ls`, then `ctr leases rm` those of pulls that are over.';
  return 'See the log of the engine; with engine: none the image is kept in the store all the same.';
}
