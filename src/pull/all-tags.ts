import { PullError } from '../errors.ts';
import { count } from '../lib/format.ts';
import { familiarName } from '../oci/reference.ts';
import type { WantedImage } from '../settings.ts';
import { failureOf, type Run } from './run.ts';

/**
 * Under `all-tags` one wanted image for each tag that the filter takes, keyed `<as written>:<tag>`; else the request's own images. A repository whose tags
 * cannot be listed, match nothing, or are more than `max-tags` becomes one failed image.
 */
export async function expandTags(run: Run): Promise<readonly WantedImage[]> {
  if (!run.request.allTags) return run.request.images;
  const expanded = await Promise.all(run.request.images.map((image) => expand(image, run)));
  return expanded.flat();
}

async function expand(image: WantedImage, run: Run): Promise<readonly WantedImage[]> {
  if ('error' in image) return [image];
  const { key, reference } = image;
  const { registry, takesTag, report } = run.ports;
  try {
    const listed = await run.gate(reference.domain)(() => registry.tags(reference));
    const taken = listed.filter(takesTag);
    report({ type: 'tags', key, listed: listed.length, taken: taken.length });
    refuseOdd(familiarName(reference), listed.length, taken.length, run);
    return taken.map((tag) => ({
      key: `${key}:${tag}`,
      reference: { domain: reference.domain, path: reference.path, tag },
    }));
  } catch (error) {
    return [{ key, error: failureOf(error, key) }];
  }
}

function refuseOdd(name: string, listed: number, taken: number, run: Run): void {
  const { tags, maxTags } = run.request;
  if (taken === 0) {
    const filter = tags.length > 0 ? ` and none matches ${tags.join(' ')}` : '';
    throw new PullError('NO_TAGS', name, `the registry lists ${count(listed, 'tag')}${filter}`, {
      hint: listed === 0 ? 'Check the name of the repository.' : 'Check the globs in tags.',
    });
  }
  if (taken > maxTags) {
    throw new PullError(
      'TOO_MANY_TAGS',
      name,
      `all-tags would pull ${count(taken, 'tag')}, max-tags allows ${maxTags}`,
      {
        hint: `Narrow them with tags, or set max-tags: ${taken}.`,
      },
    );
  }
}
