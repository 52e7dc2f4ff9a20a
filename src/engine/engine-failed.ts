import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';

/** ENGINE_FAILED in the engine's own words, cleaned, with what was being done. */
export function engineFailed(title: string, doing: string, said: string): PullError {
  return new PullError('ENGINE_FAILED', title, `${doing}: ${clean(said, 500) || 'no reason given'}`, {
    hint: /no space left/i.test(said)
      ? 'Free some disk space for the engine.'
      : 'See the log of the engine; with engine: none the image is kept in the store all the same.',
  });
}
