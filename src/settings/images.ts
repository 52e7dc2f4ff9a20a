import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { formatPlatform, type Platform, parsePlatform } from '../oci/platform.ts';
import { parseReference, type Reference, withDefaultTag } from '../oci/reference.ts';
import type { FoundImage } from './found.ts';
import { splitList } from './reader.ts';

/** The platforms of one image; `requested` stands for those the request as a whole asks for. */
export type OwnPlatforms = readonly (Platform | 'requested')[];

/** One entry of `images`, or a reference that a file names: what it refers to, or why it refers to nothing. */
export type WantedImage =
  | {
      readonly key: string;
      readonly reference: Reference;
      /** Where a file asks for platforms of its own; absent for those of the request. */
      readonly platforms?: OwnPlatforms | undefined;
    }
  | { readonly key: string; readonly error: PullError; readonly input?: 'files' | undefined };

/** The entries of `images`, each text once; what is wrong with all of them together is added to `mistakes`. */
export function readImages(text: string, allTags: boolean, policy: string, mistakes: string[]): WantedImage[] {
  const keys = [...new Set(splitList(text))];
  if (allTags && policy === 'never') {
    mistakes.push(
      'all-tags: asks the registry for its tags, which pull-policy: never forbids; name the tags in images',
    );
  }
  return keys.map((key) => {
    try {
      return { key, reference: allTags ? parseRepository(key) : parseReference(key) };
    } catch (error) {
      if (error instanceof PullError) return { key, error };
      throw error;
    }
  });
}

/** A repository that all tags of are wanted; throws INPUT_INVALID for one with a tag or digest, and what `parseReference` throws. */
export function parseRepository(text: string): Reference {
  const reference = parseReference(text);
  if (reference.tag === undefined && reference.digest === undefined) return reference;
  const found = reference.digest === undefined ? 'a tag' : 'a digest';
  const reason = `all-tags takes a repository, found ${found}; write ${repositoryPart(text)}`;
  throw new PullError('INPUT_INVALID', clean(text), reason);
}

const repositoryPart = (key: string): string => key.replace(/@.*$/, '').replace(/:[^/:]*$/, '');

/**
 * The images of both inputs, each key once: those of `images` first, then what files name. The same text asked for with several platforms has them all. Under
 * `all-tags` a repository in `images` and a file's image of the same text stay apart: the file means `latest`.
 */
export function joinImages(
  listed: readonly WantedImage[],
  found: readonly FoundImage[],
  allTags: boolean,
): WantedImage[] {
  const joined = new Map(listed.map((image) => [image.key, image]));
  for (const image of found.map(fromFile)) {
    const apart = allTags && 'reference' in image && listed.some(({ key }) => key === image.key);
    const key = apart ? `${image.key}:latest` : image.key;
    const earlier = joined.get(key);
    joined.set(key, earlier ? withPlatformsOf(earlier, image) : { ...image, key });
  }
  return [...joined.values()];
}

function fromFile({ text, at, platform, problem }: FoundImage): WantedImage {
  const failed = (code: PullError['code'], reason: string, hint: string | undefined): WantedImage => ({
    key: text,
    error: new PullError(code, clean(at, 300), reason, { hint }),
    input: 'files',
  });
  if (problem) return failed('REFERENCE_INVALID', problem.reason, problem.hint);
  try {
    const reference = withDefaultTag(parseReference(text));
    return { key: text, reference, ...(platform === undefined ? {} : { platforms: [parsePlatform(platform)] }) };
  } catch (error) {
    if (!(error instanceof PullError)) throw error;
    const what = error.code === 'PLATFORM_INVALID' ? 'platform' : 'image';
    return failed(error.code, `${what} ${error.message}`, error.hint);
  }
}

function withPlatformsOf(one: WantedImage, other: WantedImage): WantedImage {
  if ('error' in one || 'error' in other) return 'error' in one ? one : other;
  const { platforms = ['requested'] } = one;
  const all = new Map([...platforms, ...(other.platforms ?? ['requested' as const])].map((it) => [nameOf(it), it]));
  const only = [...all.keys()].join() === 'requested';
  return only ? one : { ...one, platforms: [...all.values()] };
}

const nameOf = (platform: Platform | 'requested'): string =>
  platform === 'requested' ? platform : formatPlatform(platform);
