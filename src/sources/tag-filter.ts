import picomatch from 'picomatch';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';

/** Tags have neither blanks nor slashes nor signs of comparison (distribution-spec v1.1, "Pulling manifests"), so such a glob matches none. */
const NOT_IN_A_TAG = /[\s/<>=~]/;
const OPTIONS = { dot: true, nonegate: true, windows: false };

/**
 * True for tags that match one of the globs and none of those after a `!`; globs after `!` alone narrow all tags, no globs at all take every tag. Case
 * counts. Throws INPUT_INVALID for a pattern that no tag can match.
 */
export function tagFilter(patterns: readonly string[]): (tag: string) => boolean {
  const globs = patterns.map(parseGlob);
  const takes = globs.filter(({ negated }) => !negated);
  const drops = globs.filter(({ negated }) => negated);
  return (tag) =>
    (takes.length === 0 || takes.some(({ matches }) => matches(tag))) && !drops.some(({ matches }) => matches(tag));
}

function parseGlob(pattern: string): { negated: boolean; matches: (tag: string) => boolean } {
  // `!(a|b)` is a glob of its own, not the negation of `(a|b)`; the result is the same only where it stands alone.
  const negated = /^!(?!\()/.test(pattern);
  const glob = negated ? pattern.slice(1) : pattern;
  if (glob === '' || NOT_IN_A_TAG.test(glob)) {
    const reason = `expected a glob over tags, found ${JSON.stringify(clean(pattern, 200))}`;
    throw new PullError('INPUT_INVALID', 'tags', reason, { hint: 'Write globs such as 7.*, *-alpine or !*-rc*.' });
  }
  const matches = picomatch(glob, OPTIONS);
  return { negated, matches: (tag) => matches(tag) };
}
