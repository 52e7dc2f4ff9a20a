import { PullError } from '../errors.ts';
import { count } from '../lib/format.ts';
import { canonicalReference, familiarName, type Reference, type Repository } from '../oci/reference.ts';
import type { Lock } from '../outcome.ts';
import type { WantedImage } from '../settings.ts';
import { lockedTags } from './locked.ts';
import { failureOf, type Run } from './run.ts';

/**
 * Under `all-tags` one wanted image for each tag that the filter takes, keyed `<as written>:<tag>`; else the request's own images. With a lock file the tags are those it
 * has, with its digests. A repository whose tags cannot be listed, match nothing, or are more than `max-tags` becomes one failed image.
 */
export async function expandTags(run: Run): Promise<readonly WantedImage[]> {
  if (!run.request.allTags) return run.request.images;
  const expanded = await Promise.all(run.request.images.map((image) => expand(image, run)));
  // A file may name a tag that its repository has among all others.
  return [...new Map(expanded.flat().map((image) => [image.key, image])).values()];
}

async function expand(image: WantedImage, run: Run): Promise<readonly WantedImage[]> {
  // What a file names has a tag: all-tags is for images.
  if ('error' in image || image.reference.tag !== undefined || image.reference.digest !== undefined) return [image];
  const { key, reference } = image;
  const { lock } = run.request;
  const { registry, chooseTags, report } = run.ports;
  try {
    const listed = lock
      ? lockedTags(reference, lock)
      : await run.gate(reference.domain)(() => registry.tags(reference));
    const taken = chooseTags(listed);
    report({ type: 'tags', key, listed: listed.length, taken: taken.length });
    refuseOdd(familiarName(reference), listed.length, taken.length, run);
    return taken.map((tag) => ({
      key: `${key}:${tag}`,
      reference: { domain: reference.domain, path: reference.path, tag, ...lockedDigest(reference, tag, lock) },
    }));
  } catch (error) {
    return [{ key, error: failureOf(error, key) }];
  }
}

function lockedDigest({ domain, path }: Repository, tag: string, lock: Lock | undefined): Pick<Reference, 'digest'> {
  const digest = lock?.get(canonicalReference({ domain, path, tag }))?.digest;
  return digest ? { digest } : {};
}

function refuseOdd(name: string, listed: number, taken: number, run: Run): void {
  const { tags, maxTags, lock } = run.request;
  if (taken === 0) {
    const filter = tags.length > 0 ? ` and none matches ${tags.join(' ')}` : '';
    const [who, nothing] = lock
      ? ['the lock file has', 'Write it anew with update-lock: true.']
      : ['the registry lists', 'Check the name of the repository.'];
    throw new PullError('NO_TAGS', name, `${who} ${count(listed, 'tag')}${filter}`, {
      hint: listed === 0 ? nothing : 'Check the patterns in tags.',
    });
  }
  if (taken > maxTags) throw tooManyTags(name, `pull ${count(taken, 'tag')}`, taken, maxTags);
}

/** TOO_MANY_TAGS about what `all-tags` would do (`pull 200 tags`), with what to do instead. */
export function tooManyTags(name: string, would: string, found: number, allowed: number): PullError {
  return new PullError('TOO_MANY_TAGS', name, `all-tags would ${would}, max-tags allows ${allowed}`, {
    hint: `Narrow them with tags, or set max-tags: ${found}.`,
  });
}
